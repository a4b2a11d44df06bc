/** @file Can these counts be those of a whole run of this protocol? (trust.md section 4) */

import { architectureName, parseArchitecture, tapCount } from "../architecture.ts";
import { DATASETS } from "../datasets.ts";
import { controlPlaces, headPlaces, isSamePlace, regularizedPlace } from "../head-places.ts";
import { type Path, type Problem, problemAt } from "../problem.ts";
import { type Protocol, protocolId } from "../protocols.ts";
import type { Controls, Run } from "../run.ts";
import { formatRegularizers, parseRegularizers } from "../regularizers.ts";
import { binomialLimits } from "../statistics/t-interval.ts";
import { nullAccuracy } from "../statistics/null-accuracy.ts";
import { canonicalDigest } from "../canonical-json.ts";

/** Pointers go into the run. What depends on its shape is only looked at once that is right. */
export function wholeRunProblems(run: Run, protocol: Protocol): Problem[] {
  const shape = runProblems(run, protocol).map((text) => fromText(run, text));
  if (shape.length > 0) return shape;
  const length = lengthProblems(run, protocol);
  if (length.length > 0) return length;
  const taps = tapCount(parseArchitecture(run.arch));
  const spaces = headPlaces(protocol, taps).map(({ n }) => n);
  return [
    ...chanceProblems(run, spaces),
    ...lossProblems(run),
    ...controlProblems(run, protocol, taps),
  ];
}

/** `heads.3: more than 2500 correct`, as `runProblems` writes it; of several places the first. */
function fromText(run: Run, text: string): Problem {
  const at = text.indexOf(": ");
  const path = text.slice(0, at).split(",")[0]!.split(".");
  return problemAt(run, path, text.slice(at + 2));
}

/** A run that was cut off, or went on with other data, counts other samples. */
function lengthProblems(run: Run, { dataset, subset, classes, epochs, batch, clipNorm }: Protocol) {
  const facts = DATASETS[dataset];
  const trainSamples = subset === null ? facts.trainSamples : subset.perClass * classes;
  const steps = Math.floor(trainSamples / batch);
  const mostClipped = clipNorm === null ? 0 : steps;
  const rules: [holds: boolean, path: Path, rule: string][] = [
    [run.trainSamples === trainSamples, ["trainSamples"], `${trainSamples}`],
    [run.testSamples === facts.testSamples, ["testSamples"], `${facts.testSamples}`],
    [
      run.status === "diverged" || run.epochs.length === epochs,
      ["epochs"],
      `the protocol's ${epochs}, as the run is completed`,
    ],
    ...run.epochs.flatMap(({ seen, clipped }, i): [boolean, Path, string][] => [
      [seen === steps * batch, ["epochs", i, "seen"], `${steps} batches of ${batch}`],
      [clipped <= mostClipped, ["epochs", i, "clipped"], `at most ${mostClipped} steps`],
    ]),
  ];
  return rules
    .filter(([holds]) => !holds)
    .map(([, path, rule]): Problem => problemAt(run, path, rule));
}

type Rule = [holds: boolean, problem: string];

/** Every broken rule, with the place it is broken at; empty for a sound run. */
export function runProblems(run: Run, protocol: Protocol): string[] {
  const named: Rule[] = [
    [run.protocol === protocolId(protocol), `protocol: not the id of ${protocol.name}`],
    [isCanonical(run), "arch, regs: not in canonical form"],
  ];
  const problems = broken(named);
  if (problems.length > 0) return problems;
  const { epochs } = protocol;
  const tooMany = broken([[run.epochs.length <= epochs, `epochs: more than ${epochs}`]]);
  if (tooMany.length > 0) return tooMany; // as many as a body holds: none of them is looked at
  return broken([...statusRules(run, protocol), ...headRules(run, protocol), ...countRules(run)]);
}

function broken(rules: Rule[]): string[] {
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem);
}

function isCanonical({ arch, regs }: Run): boolean {
  try {
    const canonical = [
      architectureName(parseArchitecture(arch)),
      formatRegularizers(parseRegularizers(regs)),
    ];
    return canonical[0] === arch && canonical[1] === regs;
  } catch {
    return false;
  }
}

function statusRules(run: Run, { subset, classes }: Protocol): Rule[] {
  const { status, final, heads, controls, trainSamples } = run;
  const measured = [final, heads, controls].filter((part) => part !== null).length;
  return [
    [
      measured === (status === "completed" ? 3 : 0),
      `status: ${status}, with ${measured} of 3 parts`,
    ],
    [status === "diverged" || run.epochs.length > 0, "epochs: none"],
    [
      subset === null || trainSamples === subset.perClass * classes,
      `trainSamples: not ${subset?.perClass} of each class`,
    ],
  ];
}

function headRules(run: Run, protocol: Protocol): Rule[] {
  const taps = tapCount(parseArchitecture(run.arch));
  const places = headPlaces(protocol, taps);
  const regularized = regularizedPlace(parseRegularizers(run.regs), protocol, taps);
  const { heads } = run;
  return [
    [
      heads === null || heads.length === places.length,
      `heads: not the protocol's ${places.length}`,
    ],
    ...(heads ?? []).map((head, i): Rule => {
      const place = places[i] ?? null;
      const flagged = head.regularized === isSamePlace(head, regularized);
      return [isSamePlace(head, place) && flagged, `heads.${i}: not the protocol's`];
    }),
    ...run.epochs.map(({ online }, i): Rule => {
      return [online.length === places.length, `epochs.${i}.online: not ${places.length} counts`];
    }),
  ];
}

function countRules(run: Run): Rule[] {
  const { trainSamples: m, testSamples, epochs, heads, final, controls } = run;
  const isNoisy = parseRegularizers(run.regs).noise > 0;
  return [
    [m > 0 && testSamples > 0, "trainSamples, testSamples: none"],
    ...epochs.map(({ seen, correct, online }, i): Rule => {
      const fits = [correct, ...online].every((count) => count <= seen);
      return [seen > 0 && seen <= m && fits, `epochs.${i}: seen`];
    }),
    ...(heads ?? []).map((head, i): Rule => {
      return [Math.max(head.final, head.unseen) <= m, `heads.${i}: more than ${m} correct`];
    }),
    ...[...(controls?.refit ?? []), ...(controls?.frozen ?? [])].map(
      ({ tap, n, correct }): Rule => {
        return [correct <= m, `controls: more than ${m} correct at tap ${tap}, n = ${n}`];
      },
    ),
    [
      final === null || Math.max(final.trainCorrect, final.trainCleanCorrect) <= m,
      `final: more than ${m} train images correct`,
    ],
    [
      final === null || isNoisy || final.trainCleanCorrect === final.trainCorrect,
      `final.trainCleanCorrect: ${final?.trainCorrect}, like trainCorrect, without label noise`,
    ],
    [
      final === null || final.testCorrect <= testSamples,
      `final: more than ${testSamples} test images correct`,
    ],
  ];
}

/** Its keys come from protocols, so they are few. */
const limits = new Map<string, ReturnType<typeof binomialLimits>>();

/** Where a count of hits among `samples` labels of `n` falls but for p < 1e-9 on either side. */
function chanceLimits(samples: number, n: number): ReturnType<typeof binomialLimits> {
  const key = `${samples}/${n}`;
  let found = limits.get(key);
  if (!found) limits.set(key, (found = binomialLimits(samples, 1 / n)));
  return found;
}

interface ChanceCount {
  path: Path;
  count: number;
  samples: number;
  n: number;
}

/**
 * Unseen labels are Binomial(m, 1/n); the first epoch's online counts are too, as each label is then met for
 * the first time.
 *
 * @param spaces n of every head, in the order of counts.
 */
function chanceProblems(run: Run, spaces: readonly number[]): Problem[] {
  const { heads, epochs, trainSamples } = run;
  const [first] = epochs;
  const counts: ChanceCount[] = [
    ...(heads ?? []).map(({ unseen, n }, i) => ({
      path: ["heads", i, "unseen"],
      count: unseen,
      samples: trainSamples,
      n,
    })),
    ...(first?.online ?? []).map((count, i) => ({
      path: ["epochs", 0, "online", i],
      count,
      samples: first!.seen,
      n: spaces[i]!,
    })),
  ];
  return counts.flatMap(({ path, count, samples, n }) => {
    const { low, high } = chanceLimits(samples, n);
    if (count >= low && count <= high) return [];
    return [problemAt(run, path, `${low} to ${high}, as labels not met before are guessed`)];
  });
}

/** Losses of an evaluation are summed in float64 from float32. */
const LOSS_ROUNDING = 1e-5;

/** Those of an epoch are summed in float32, step by step: of some thousand steps and samples a step, 2^-24 each. */
const EPOCH_ROUNDING = 1e-3;

interface LossSum {
  path: Path;
  lossSum: number;
  wrong: number;
  rounding: number;
}

/** A wrong answer gives the right label at most half the probability, so it costs at least ln 2. */
function lossProblems(run: Run): Problem[] {
  return [...evaluationSums(run), ...epochSums(run)].flatMap(
    ({ path, lossSum, wrong, rounding }) => {
      const least = wrong * Math.LN2;
      if (lossSum >= least * (1 - rounding)) return [];
      return [problemAt(run, path, `at least ${wrong} wrong x ln 2 = ${least.toFixed(3)}`)];
    },
  );
}

function evaluationSums({ final, heads, trainSamples, testSamples }: Run): LossSum[] {
  const rounding = LOSS_ROUNDING;
  const ofHeads = (heads ?? []).map(({ lossSum, final }, i): LossSum => {
    return { path: ["heads", i, "lossSum"], lossSum, wrong: trainSamples - final, rounding };
  });
  if (final === null) return ofHeads;
  const { trainLossSum, testLossSum, trainCorrect, testCorrect } = final;
  const [train, test] = [trainSamples - trainCorrect, testSamples - testCorrect];
  return [
    ...ofHeads,
    { path: ["final", "trainLossSum"], lossSum: trainLossSum, wrong: train, rounding },
    { path: ["final", "testLossSum"], lossSum: testLossSum, wrong: test, rounding },
  ];
}

/**
 * Loss and count are of the same logits, before the update (of the first pass, with `sam`), and of the labels trained
 * on. The loss of a smoothed or mixed target is bounded otherwise, and is let be.
 */
function epochSums({ regs, epochs }: Run): LossSum[] {
  const { labelSmoothing, mixup, cutmix } = parseRegularizers(regs);
  if (labelSmoothing > 0 || mixup > 0 || cutmix > 0) return [];
  return epochs.map(({ lossSum, seen, correct }, i) => {
    const path = ["epochs", i, "lossSum"];
    return { path, lossSum, wrong: seen - correct, rounding: EPOCH_ROUNDING };
  });
}

/** Two machines' exp and log, or sums in another order, may differ in the last bits. */
const ROUNDING = 1e-9;

/** The controls a protocol asks for, all of them, and what can be recomputed of the null. */
function controlProblems(run: Run, protocol: Protocol, taps: number): Problem[] {
  const { controls } = run;
  if (controls === null) return [];
  const places = controlPlaces(protocol, taps);
  const kinds = (["refit", "frozen", "null"] as const).filter(
    (kind) => placesText(controls[kind]) !== placesText(places),
  );
  const { penalties } = protocol.measures.spectrum;
  const isSpectrum = controls.spectrum.ridge.map(({ l }) => l).join() === penalties.join();
  return [
    ...kinds.map((kind) =>
      problemAt(run, ["controls", kind], `the protocol's: ${placesText(places)}`),
    ),
    ...(isSpectrum
      ? []
      : [problemAt(run, ["controls", "spectrum", "ridge"], `at ${penalties.join(", ")}`)]),
    ...(kinds.length > 0 || !isSpectrum ? [] : nullProblems(run, controls, protocol)),
  ];
}

function placesText(places: readonly { tap: number; n: number }[]): string {
  return places.map(({ tap, n }) => `tap ${tap} n ${n}`).join(", ");
}

function nullProblems(run: Run, controls: Controls, protocol: Protocol): Problem[] {
  const shares = shareProblems(run, controls, protocol);
  return shares.length > 0 ? shares : accuracyProblems(run, controls);
}

/**
 * A tap has one cloud: h = (D + 1)/m for its width D >= 1, and a ridge uses no more directions than that. The last tap's
 * are those of the spectrum: ridgeH = (dimension + 1)/m at the refits' penalty (method.md section 4).
 */
function shareProblems(run: Run, controls: Controls, { measures }: Protocol): Problem[] {
  const { trainSamples: m } = run;
  const lastTap = controls.null.at(-1)?.tap;
  const refit = controls.spectrum.ridge.find(({ l }) => l === measures.refit.penalty);
  return controls.null.flatMap((place, i) => {
    const first = controls.null.find(({ tap }) => tap === place.tap)!;
    const dimension = place.tap === lastTap && refit ? refit.dimension : null;
    return shareRules(place, first, m, dimension)
      .filter(([holds]) => !holds)
      .map(([, name, rule]) => problemAt(run, ["controls", "null", i, name], rule));
  });
}

type Share = "h" | "ridgeH";

/** @param dimension of the spectrum, where the place is at the last tap. */
function shareRules(
  { tap, h, ridgeH }: Controls["null"][number],
  first: Controls["null"][number],
  m: number,
  dimension: number | null,
): [holds: boolean, name: Share, rule: string][] {
  const width = Math.max(1, Math.round(h * m - 1));
  const fromSpectrum = dimension === null ? ridgeH : (dimension + 1) / m;
  return [
    [isNear(h, (width + 1) / m), "h", `(D + 1)/${m}, D a whole number from 1`],
    [isNear(h, first.h), "h", `${first.h}, as of every n at tap ${tap}`],
    [ridgeH >= 1 / m - ROUNDING && ridgeH <= h + ROUNDING, "ridgeH", `1/${m} to h = ${h}`],
    [isNear(ridgeH, fromSpectrum), "ridgeH", `(${dimension} + 1)/${m}, as the spectrum says`],
  ];
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= ROUNDING;
}

function accuracyProblems(run: Run, controls: Controls): Problem[] {
  return controls.null.flatMap((place, i) =>
    (
      [
        ["accuracy", place.h],
        ["ridgeAccuracy", place.ridgeH],
      ] as const
    ).flatMap(([name, h]) => {
      const expected = nullAccuracy(place.n, h);
      if (isNear(place[name], expected)) return [];
      return [problemAt(run, ["controls", "null", i, name], `${expected}, which its h gives`)];
    }),
  );
}

/**
 * SHA-256, in hexadecimal, of a run's integer counts; null for a diverged run, which may have hardly any.
 *
 * Equal for two runs of the same protocol, configuration and seed on bit-identical engines; equal for two
 * others only when one was copied. Losses and times are left out, as they can be nudged unseen.
 */
export function countsDigest(run: Run): string | null {
  const known = digests.get(run);
  if (known !== undefined) return known;
  const digest = computedDigest(run);
  digests.set(run, digest);
  return digest;
}

/** A run never changes, and is asked about several times while its statement is accepted. */
const digests = new WeakMap<Run, string | null>();

function computedDigest(run: Run): string | null {
  const { status, epochs, final, heads, controls } = run;
  if (status === "diverged" || !final || !heads || !controls) return null;
  const counts = {
    epochs: epochs.map(({ seen, correct, online }) => [seen, correct, ...online]),
    final: [final.trainCorrect, final.trainCleanCorrect, final.testCorrect],
    heads: heads.map((head) => [head.final, head.unseen]),
    refits: [...controls.refit, ...controls.frozen].map(({ correct }) => correct),
  };
  return canonicalDigest(counts);
}
