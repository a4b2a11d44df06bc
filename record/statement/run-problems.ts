/** @file Can these counts be those of a whole run of this protocol? (trust.md section 4) */

import { architectureName, parseArchitecture, tapsOf } from "../architecture.ts";
import { splitSizes, trainedSamples } from "../datasets.ts";
import {
  type ControlPlace,
  controlPlaces,
  frozenHeadDraws,
  headPlaces,
  isSamePlace,
  regularizedPlace,
} from "../head-places.ts";
import { type Path, type Problem, type Rule, brokenRules, problemAt } from "../problem.ts";
import { type Protocol, protocolId } from "../protocols.ts";
import type { Controls, Run } from "../run.ts";
import { formatRegularizers, parseRegularizers } from "../regularizers.ts";
import { binomialLimits } from "../statistics/t-interval.ts";
import { cloudOfWidth, nullAccuracy } from "../statistics/null-accuracy.ts";
import { canonicalDigest } from "../canonical-json.ts";
import { measureRules } from "../measure-rules.ts";

/** Rules for a run's numbers. */
export type RunRule =
  | "run-protocol"
  | "canonical-names"
  | "custom-taps"
  | "parts"
  | "epochs"
  | "samples"
  | "heads"
  | "frozen-heads"
  | "online-counts"
  | "evaluated"
  | "seen"
  | "clipped"
  | "correct"
  | "clean-labels"
  | "chance"
  | "loss"
  | "controls"
  | "measures"
  | "spectrum"
  | "null";

type RunProblem = Problem<RunRule>;

/** Pointers go into the run. What depends on its shape is only looked at once that is right. */
export function wholeRunProblems(run: Run, protocol: Protocol): RunProblem[] {
  const shape = runProblems(run, protocol);
  if (shape.length > 0) return shape;
  const length = brokenRules(run, lengthRules(run, protocol));
  if (length.length > 0) return length;
  const taps = tapsOf(run).length;
  const spaces = headPlaces(protocol, taps).map(({ n }) => n);
  return [
    ...chanceProblems(run, spaces, protocol),
    ...lossProblems(run),
    ...controlProblems(run, protocol, taps),
  ];
}

/** A run that was cut off, or went on with other data, counts other samples. */
function lengthRules(run: Run, protocol: Protocol): Rule<RunRule>[] {
  const { epochs, batch, clipNorm } = protocol;
  const trainSamples = trainedSamples(protocol);
  const { testSamples } = splitSizes(protocol.dataset);
  const steps = Math.floor(trainSamples / batch);
  const mostClipped = clipNorm === null ? 0 : steps;
  const isWhole = run.status === "diverged" || run.epochs.length === epochs;
  return [
    [run.trainSamples === trainSamples, ["trainSamples"], "samples", `${trainSamples}`],
    [run.testSamples === testSamples, ["testSamples"], "samples", `${testSamples}`],
    [isWhole, ["epochs"], "epochs", `the protocol's ${epochs}, as the run is completed`],
    ...run.epochs.flatMap(({ seen, clipped }, i): Rule<RunRule>[] => [
      [seen === steps * batch, ["epochs", i, "seen"], "seen", `${steps} batches of ${batch}`],
      [clipped <= mostClipped, ["epochs", i, "clipped"], "clipped", `at most ${mostClipped} steps`],
    ]),
  ];
}

/**
 * Every broken rule of a run that need not be whole: it may have been cut off by `--limit`.
 *
 * @example runProblems({ ...run, epochs: [] }, protocol)
 * // [{ code: "epochs", pointer: "/epochs", rule: "none", found: "0 items" }]
 */
export function runProblems(run: Run, protocol: Protocol): RunProblem[] {
  const problems = brokenRules<RunRule>(run, [
    [
      run.protocol === protocolId(protocol),
      ["protocol"],
      "run-protocol",
      `not the id of ${protocol.name}`,
    ],
    [isCanonical(run), ["arch"], "canonical-names", "not in canonical form, or regs is not"],
    [
      run.arch.startsWith("custom:") === (run.customTaps !== null),
      ["customTaps"],
      "custom-taps",
      "what a custom architecture declares, and null for any other",
    ],
  ]);
  if (problems.length > 0) return problems;
  const { epochs } = protocol;
  const tooMany = brokenRules<RunRule>(run, [
    [run.epochs.length <= epochs, ["epochs"], "epochs", `more than ${epochs}`],
  ]);
  if (tooMany.length > 0) return tooMany; // as many as a body holds: none of them is looked at
  const rules = [
    ...statusRules(run, protocol),
    ...headRules(run, protocol),
    ...frozenHeadRules(run, protocol),
    ...evaluationRules(run, protocol),
    ...countRules(run),
    ...measureRules(run, protocol),
  ];
  return brokenRules(run, rules);
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

function statusRules(run: Run, { subset, classes }: Protocol): Rule<RunRule>[] {
  const { status, final, heads, frozenHeads, controls, trainSamples } = run;
  const measured = [final, heads, frozenHeads, controls].filter((part) => part !== null).length;
  const isAsMeasured = measured === (status === "completed" ? 4 : 0);
  const isSubset = subset === null || trainSamples === subset.perClass * classes;
  return [
    [isAsMeasured, ["status"], "parts", `${status}, with ${measured} of 4 parts`],
    [status === "diverged" || run.epochs.length > 0, ["epochs"], "epochs", "none"],
    [isSubset, ["trainSamples"], "samples", `not ${subset?.perClass} of each class`],
  ];
}

function headRules(run: Run, protocol: Protocol): Rule<RunRule>[] {
  const taps = tapsOf(run).length;
  const places = headPlaces(protocol, taps);
  const regularized = regularizedPlace(parseRegularizers(run.regs), protocol, taps);
  const { heads } = run;
  const isComplete = heads === null || heads.length === places.length;
  return [
    [isComplete, ["heads"], "heads", `not the protocol's ${places.length}`],
    ...(heads ?? []).map((head, i): Rule<RunRule> => {
      const place = places[i] ?? null;
      const flagged = head.regularized === isSamePlace(head, regularized);
      return [isSamePlace(head, place) && flagged, ["heads", i], "heads", "not the protocol's"];
    }),
    ...run.epochs.map(({ online }, i): Rule<RunRule> => {
      const holds = online.length === places.length;
      return [holds, ["epochs", i, "online"], "online-counts", `not ${places.length} counts`];
    }),
  ];
}

function frozenHeadRules({ epochs, frozenHeads }: Run, protocol: Protocol): Rule<RunRule>[] {
  const draws = frozenHeadDraws(protocol);
  const isAsked =
    frozenHeads === null ||
    (frozenHeads.length === draws.length &&
      draws.every((draw, i) => frozenHeads[i]!.draw === draw));
  const expected = draws.length > 0 ? `draws ${draws.join(", ")}` : "none";
  return [
    [isAsked, ["frozenHeads"], "frozen-heads", `${expected}, as the protocol says`],
    ...epochs.map(({ frozenOnline }, i): Rule<RunRule> => {
      const path = ["epochs", i, "frozenOnline"];
      return [
        frozenOnline.length === draws.length,
        path,
        "online-counts",
        `not ${draws.length} counts`,
      ];
    }),
  ];
}

/** After every `evaluateEvery`-th epoch, and no other. */
function evaluationRules(
  { epochs, trainSamples, testSamples }: Run,
  { evaluateEvery }: Protocol,
): Rule<RunRule>[] {
  return epochs.map(({ evaluated }, i) => {
    const isDue = evaluateEvery !== null && (i + 1) % evaluateEvery === 0;
    const fits =
      evaluated === null ||
      (evaluated.trainCorrect <= trainSamples && evaluated.testCorrect <= testSamples);
    const rule = isDue ? `counts, at most ${trainSamples} and ${testSamples}` : "null";
    return [isDue === (evaluated !== null) && fits, ["epochs", i, "evaluated"], "evaluated", rule];
  });
}

function countRules(run: Run): Rule<RunRule>[] {
  const { trainSamples: m, testSamples, epochs, controls } = run;
  return [
    [m > 0 && testSamples > 0, ["trainSamples"], "samples", "none, or no test samples"],
    ...epochs.map(({ seen, correct, online, frozenOnline }, i): Rule<RunRule> => {
      const fits = [correct, ...online, ...frozenOnline].every((count) => count <= seen);
      return [seen > 0 && seen <= m && fits, ["epochs", i], "seen", "seen"];
    }),
    ...(["heads", "frozenHeads"] as const).flatMap((kind) =>
      (run[kind] ?? []).map((head, i): Rule<RunRule> => {
        const holds = Math.max(head.final, head.unseen) <= m;
        return [holds, [kind, i], "correct", `more than ${m} correct`];
      }),
    ),
    ...(["refit", "frozen"] as const).flatMap((kind) =>
      (controls?.[kind] ?? []).map((each, i): Rule<RunRule> => {
        const told = (each as { told?: number | null }).told ?? 0;
        const holds = Math.max(told, ...each.redraws) <= m;
        return [holds, ["controls", kind, i], "correct", `more than ${m} correct`];
      }),
    ),
    ...finalRules(run),
  ];
}

function finalRules({ trainSamples: m, testSamples, final, regs }: Run): Rule<RunRule>[] {
  if (final === null) return [];
  const { trainCorrect, trainCleanCorrect, testCorrect } = final;
  const isTrain = Math.max(trainCorrect, trainCleanCorrect) <= m;
  const isTest = testCorrect <= testSamples;
  const isClean = parseRegularizers(regs).noise > 0 || trainCleanCorrect === trainCorrect;
  const clean = `${trainCorrect}, like trainCorrect, without label noise`;
  return [
    [isTrain, ["final"], "correct", `more than ${m} train images correct`],
    [isClean, ["final", "trainCleanCorrect"], "clean-labels", clean],
    [isTest, ["final"], "correct", `more than ${testSamples} test images correct`],
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
function chanceProblems(run: Run, spaces: readonly number[], { headline }: Protocol): RunProblem[] {
  const { heads, frozenHeads, epochs, trainSamples } = run;
  const [first] = epochs;
  const counts: ChanceCount[] = [
    ...(heads ?? []).map(({ unseen, n }, i) => ({
      path: ["heads", i, "unseen"],
      count: unseen,
      samples: trainSamples,
      n,
    })),
    ...(frozenHeads ?? []).map(({ unseen }, i) => ({
      path: ["frozenHeads", i, "unseen"],
      count: unseen,
      samples: trainSamples,
      n: headline,
    })),
    ...(first?.frozenOnline ?? []).map((count, i) => ({
      path: ["epochs", 0, "frozenOnline", i],
      count,
      samples: first!.seen,
      n: headline,
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
    return [
      problemAt(run, path, "chance", `${low} to ${high}, as labels not met before are guessed`),
    ];
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
function lossProblems(run: Run): RunProblem[] {
  return [...evaluationSums(run), ...epochSums(run)].flatMap(
    ({ path, lossSum, wrong, rounding }) => {
      const least = wrong * Math.LN2;
      if (lossSum >= least * (1 - rounding)) return [];
      return [problemAt(run, path, "loss", `at least ${wrong} wrong x ln 2 = ${least.toFixed(3)}`)];
    },
  );
}

function evaluationSums(run: Run): LossSum[] {
  const { final, trainSamples, testSamples } = run;
  const rounding = LOSS_ROUNDING;
  const ofHeads = (["heads", "frozenHeads"] as const).flatMap((kind) =>
    (run[kind] ?? []).map(({ lossSum, final }, i): LossSum => {
      return { path: [kind, i, "lossSum"], lossSum, wrong: trainSamples - final, rounding };
    }),
  );
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
function controlProblems(run: Run, protocol: Protocol, taps: number): RunProblem[] {
  const { controls } = run;
  if (controls === null) return [];
  const places = controlPlaces(protocol, taps, parseRegularizers(run.regs));
  const { redraws } = protocol.measures.refit;
  const { penalties } = protocol.measures.spectrum;
  const isSpectrum = controls.spectrum.ridge.map(({ l }) => l).join() === penalties.join();
  const problems = [
    ...firstOff(run, "refit", places),
    ...firstOff(
      run,
      "frozen",
      places.map((place) => ({ ...place, redraws, told: false })),
    ),
    ...firstOff(run, "null", places),
    ...brokenRules<RunRule>(run, [
      [isSpectrum, ["controls", "spectrum", "ridge"], "spectrum", `at ${penalties.join(", ")}`],
    ]),
  ];
  if (problems.length > 0) return problems;
  return [...nullProblems(run, controls), ...spectrumProblems(run, controls)];
}

/** The first place that is not the protocol's, or is not measured as the protocol says. */
function firstOff(
  run: Run,
  kind: "refit" | "frozen" | "null",
  places: readonly ControlPlace[],
): RunProblem[] {
  const found: readonly Partial<Controls["refit"][number]>[] = run.controls![kind];
  const path = ["controls", kind];
  if (found.length !== places.length)
    return [problemAt(run, path, "controls", `${places.length}, as the protocol says`)];
  const rules = places.flatMap(({ tap, n, redraws, told }, i): Rule<RunRule>[] => {
    const each = found[i]!;
    const at = (name: string) => [...path, i, name];
    const isTold = kind !== "refit" || (each.told !== null) === told;
    const isWhole = kind === "null" || each.redraws!.length === redraws;
    return [
      [each.tap === tap, at("tap"), "controls", `${tap}, in the protocol's order`],
      [each.n === n, at("n"), "controls", `${n}, in the protocol's order`],
      [isTold, at("told"), "controls", told ? "a count" : "null, as it is not measured here"],
      [isWhole, at("redraws"), "controls", `${redraws} redraws`],
    ];
  });
  return brokenRules(run, rules).slice(0, 1);
}

/** What holds for the eigenvalues of any D features: ranks from 1 (0 if none varies) to D, dimensions fewer at a larger penalty. */
function spectrumProblems(run: Run, controls: Controls): RunProblem[] {
  const { ridge, effectiveRank, participationRatio } = controls.spectrum;
  const { width } = controls.null.at(-1)!;
  const most = (value: number, bound: number) => value <= bound * (1 + ROUNDING);
  const path = ["controls", "spectrum"];
  const rule = `at most ${width}, the width of the last tap`;
  const rank = `at most the effective rank ${effectiveRank}`;
  const isRank = (value: number) => value === 0 || value >= 1 - ROUNDING;
  const least = "0, where no feature varies, or at least 1";
  return brokenRules<RunRule>(run, [
    [most(effectiveRank, width), [...path, "effectiveRank"], "spectrum", rule],
    [isRank(effectiveRank), [...path, "effectiveRank"], "spectrum", least],
    [most(participationRatio, effectiveRank), [...path, "participationRatio"], "spectrum", rank],
    [isRank(participationRatio), [...path, "participationRatio"], "spectrum", least],
    ...ridge.map(({ dimension }, i): Rule<RunRule> => {
      const smaller = ridge.filter(({ l }) => l < ridge[i]!.l).map((each) => each.dimension);
      const bound = Math.min(width, ...smaller);
      const at = [...path, "ridge", i, "dimension"];
      return [most(dimension, bound), at, "spectrum", `at most ${bound}, as of a smaller penalty`];
    }),
  ]);
}

/** Another quadrature of the null than ours, without counts taken together, gives the same to 5e-8. */
const NULL_ERROR = 1e-6;

/** A tap has one width; what its shapeless cloud gives follows from that (method.md section 4). The first fault alone. */
function nullProblems(run: Run, controls: Controls): RunProblem[] {
  for (const [i, { tap, width, n, counts }] of controls.null.entries()) {
    const first = controls.null.find((other) => other.tap === tap)!;
    const problem = (name: string, rule: string) =>
      problemAt<RunRule>(run, ["controls", "null", i, name], "null", rule);
    if (width !== first.width)
      return [problem("width", `${first.width}, as of every n at tap ${tap}`)];
    const expected = countsNull(run.trainSamples, n, width);
    if (Math.abs(counts - expected) > NULL_ERROR)
      return [problem("counts", `${expected}, which its width gives`)];
  }
  return [];
}

/** Its keys come from protocols and architectures, so they are few among honest results. */
const nulls = new Map<string, number>();
const MOST_NULLS = 10_000;

function countsNull(samples: number, n: number, width: number): number {
  const rank = Math.min(width, samples - 1);
  const key = `${samples} ${n} ${rank}`;
  let found = nulls.get(key);
  if (found !== undefined) return found;
  if (nulls.size >= MOST_NULLS) nulls.clear();
  found = nullAccuracy(samples, n, cloudOfWidth(rank, samples));
  nulls.set(key, found);
  return found;
}

/**
 * SHA-256, in hexadecimal, of a run's counts of samples; null for a diverged run, which may have hardly any.
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
  const { status, epochs, final, heads, frozenHeads, controls } = run;
  if (status === "diverged" || !final || !heads || !frozenHeads || !controls) return null;
  const counts = {
    epochs: epochs.map(({ seen, correct, online, frozenOnline, evaluated }) => [
      ...[seen, correct, ...online, ...frozenOnline],
      ...(evaluated ? [evaluated.trainCorrect, evaluated.testCorrect] : []),
    ]),
    final: [final.trainCorrect, final.trainCleanCorrect, final.testCorrect],
    heads: [...heads, ...frozenHeads].map((head) => [head.final, head.unseen]),
    told: controls.refit.map(({ told }) => told),
    redraws: [...controls.refit, ...controls.frozen].map(({ redraws }) => redraws),
  };
  return canonicalDigest(counts);
}
