/** @file What is odd about a result by itself: nothing is refused for it, the row says so (trust.md section 4). */

import { expandRecipe } from "../configuration.ts";
import type { Protocol } from "../protocols.ts";
import { runMetrics } from "../metrics.ts";
import { parseRegularizers } from "../regularizers.ts";
import type { Run } from "../run.ts";
import type { Result } from "../statement/statements.ts";
import { sampleOfRuns } from "../least-variance.ts";
import { welchTest } from "../statistics/t-interval.ts";
import type { Note } from "./board-row.ts";

/** In the order of `NOTE_KINDS`; empty for a result with nothing odd about it. */
export function resultNotes(result: Result, protocol: Protocol): Note[] {
  return [
    ...panelMinusFresh(result, protocol),
    ...repeatedFractions([...result.panel, ...result.fresh]),
    ...wallTimeNotes(result, protocol),
    ...dirtyCheckout(result),
  ];
}

function dirtyCheckout({ harness: { git } }: Result): Note[] {
  if (git === null || !git.dirty) return [];
  const text = `The harness ran from a checkout of commit ${git.commit.slice(0, 12)} with changed files.`;
  return [{ kind: "dirty-checkout", text, entry: null }];
}

const COMPARED = {
  learnedComplexity: "learned complexity",
  capacity: "capacity",
  testAccuracy: "test accuracy",
} as const;
const COMPARED_NAMES = Object.keys(COMPARED) as (keyof typeof COMPARED)[];

/** Of the quantities together; each is tested at its share, by Bonferroni. */
const NOTED_LEVEL = 0.01;

/**
 * Somebody who tunes on the public seeds does better there than on seeds they could not know.
 *
 * Noted where Welch's interval of the difference leaves out zero, as trust.md section 3 says. So up to one honest entry
 * in a hundred is noted, too; the text says so, for a note is no accusation.
 */
function panelMinusFresh({ panel, fresh }: Result, protocol: Protocol): Note[] {
  const completed = (runs: readonly Run[]) =>
    runs.filter(({ status }) => status === "completed").map((run) => runMetrics(run, protocol));
  const [panelRuns, freshRuns] = [completed(panel), completed(fresh)];
  const level = 1 - NOTED_LEVEL / COMPARED_NAMES.length;
  return COMPARED_NAMES.flatMap((name) => {
    const [onPanel, onFresh] = [panelRuns, freshRuns].map((runs) =>
      sampleOfRuns(runs, name, protocol),
    );
    const test = onPanel && onFresh ? welchTest(onPanel, onFresh, level) : null;
    if (test === null || (test.low <= 0 && test.high >= 0)) return [];
    const [difference, low, high] = [test.difference, test.low, test.high].map(points);
    const text =
      `Panel minus fresh: the ${COMPARED[name]} differs by ${difference} points ` +
      `(${(100 * level).toFixed(1)} % interval ${low} to ${high}). ` +
      `By chance alone at most about one entry in a hundred has such a difference in any of these ${COMPARED_NAMES.length} quantities.`;
    return [{ kind: "panel-minus-fresh", text, entry: null }];
  });
}

function points(share: number): string {
  return (100 * share).toFixed(2);
}

/** Two strengths this near train alike but for rounding: nobody searches a grid as fine. */
const NEARLY = 0.01;

/**
 * The same architecture and the same set of regularizers, every strength within 1 % of the other's, and not the
 * same configuration: `wd=0.0050001` beside `wd=0.005`, which has a ledger of challenges of its own.
 *
 * @param protocol says what `recipe` stands for; without it, `recipe` is near `recipe` alone.
 */
export function isNearDuplicate(
  a: { arch: string; regs: string },
  b: { arch: string; regs: string },
  protocol: Protocol | null = null,
): boolean {
  if (a.arch !== b.arch || a.regs === b.regs) return false;
  const [first, second] = [strengths(a.regs, protocol), strengths(b.regs, protocol)];
  return Object.entries(first).every(([name, value]) => isNear(value, second[name]));
}

type Strength = number | string | boolean | null;

/** Every member of `Regularizers` by name, those of `rl=` beside the others. */
function strengths(regs: string, protocol: Protocol | null): Record<string, Strength> {
  const parsed = parseRegularizers(regs);
  const { randomLabel, custom, ...rest } =
    protocol === null ? parsed : expandRecipe(parsed, protocol);
  const code = custom && `${custom.name}@${custom.digest}`;
  return { ...rest, ...randomLabel, code, customStrength: custom?.strength ?? 0 };
}

/** Only numbers that are there can be near without being equal, as 0 is absence. */
function isNear(a: Strength, b: Strength | undefined): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Math.abs(a - b) <= NEARLY * Math.max(a, b);
}

/** Fractions are compared to the sixth place, which two unrelated ones share once in a million pairs. */
const PLACES = 1e6;

/** What is less, such as the seconds a diverged run's evaluation takes, has no six places of noise. */
const SMALLEST = 1e-3;

/** So improbable a number of shared fractions is noted: one honest entry in a million. */
const IMPROBABLE = 1e-6;

/**
 * At most two notes, one on seconds and one on losses.
 *
 * The harness's clock counts below the microsecond, and it sums losses of single samples in double precision; so
 * the sixth place is noise in both. (Losses of epochs are left out: they are summed in single precision, whose grain
 * is a whole nat in a long epoch.) Each run's number is held against the same number of the other runs; with P
 * pairs the shared fractions are Poisson(P / 10^6). Numbers written with fewer places are noted, too: no clock
 * stops at whole seconds eight times.
 */
function repeatedFractions(runs: readonly Run[]): Note[] {
  const kinds = [
    ["Seconds", runs.map(secondsOf)],
    ["Loss sums", runs.map(lossesOf)],
  ] as const;
  return kinds.flatMap(([name, rows]): Note[] => {
    const { pairs, shared } = sharedFractions(rows);
    const expected = pairs / PLACES;
    if (poissonTail(shared, expected) >= IMPROBABLE) return [];
    const text =
      `${name} share six decimal places between runs in ${shared} of ${pairs} pairs, ` +
      `where chance gives ${expected.toPrecision(1)}.`;
    return [{ kind: "repeated-fractions", text, entry: null }];
  });
}

function secondsOf({ timing }: Run): number[] {
  return [timing.trainSeconds, timing.evaluateSeconds, timing.controlSeconds];
}

function lossesOf({ final, heads }: Run): number[] {
  if (final === null || heads === null) return [];
  return [final.trainLossSum, final.testLossSum, ...heads.map(({ lossSum }) => lossSum)];
}

/**
 * Over pairs of rows, number by number.
 *
 * Unequal numbers less than one apart are left out: they may be near without anybody having copied a fraction.
 */
function sharedFractions(rows: readonly number[][]): { pairs: number; shared: number } {
  let [pairs, shared] = [0, 0];
  for (const [i, row] of rows.entries())
    for (const other of rows.slice(i + 1))
      for (const [j, value] of row.entries()) {
        const against = other[j] ?? 0;
        if (Math.min(value, against) < SMALLEST) continue;
        if (value !== against && Math.abs(value - against) < 1) continue;
        pairs += 1;
        if (fraction(value) === fraction(against)) shared += 1;
      }
  return { pairs, shared };
}

function fraction(value: number): number {
  return Math.round((value % 1) * PLACES) % PLACES;
}

/** P(X >= count) of a Poisson variable. */
function poissonTail(count: number, expected: number): number {
  if (count === 0) return 1;
  // summed upwards from `count`: 1 minus the lower part would lose all digits
  let term = Math.exp(-expected);
  for (let k = 1; k <= count; k++) term *= expected / k;
  let tail = 0;
  for (let k = count; term > tail * Number.EPSILON; term *= expected / ++k) tail += term;
  return tail;
}

/** The harness divides the samples seen by the seconds; a harness that rounds to three digits still passes. */
const RATE_TOLERANCE = 0.01;

/**
 * Multiplications and additions that training needs at least for each weight and image: one of each forward, one
 * of each for the weight's gradient. Convolutions use a weight many times, so they are far above it.
 */
const OPERATIONS = 4;

/**
 * More than any machine does in a second, so that only invented times are noted: per logical processor two
 * 512-bit fused units at 6 GHz make 384 thousand million; per accelerator ten times what the fastest of 2025
 * does densely in 16 bits.
 */
const CPU_OPERATIONS = 2 * 16 * 2 * 6e9;

const GPU_OPERATIONS = 2.5e16;
const DAY = 86_400;

/** At most one note, which names the first run that each oddity is found in. */
function wallTimeNotes(result: Result, protocol: Protocol): Note[] {
  const runs = [
    ...result.panel.map((run, i) => ({ run, name: `panel run ${i + 1}` })),
    ...result.fresh.map((run, i) => ({ run, name: `fresh run ${i + 1}` })),
  ];
  const rules: ((run: Run) => string | null)[] = [
    rateOddity,
    (run) => speedOddity(run, result),
    idleOddity,
  ];
  const odd = rules.flatMap((rule) => {
    const found = runs.map(({ run, name }) => ({ name, text: rule(run) }));
    const first = found.find(({ text }) => text !== null);
    return first ? [`${first.name} ${first.text}`] : [];
  });
  const all = [...odd, ...lengthOddities(result, protocol), ...gpuOddities(result)];
  if (all.length === 0) return [];
  return [{ kind: "wall-time", text: `Times and hardware: ${all.join("; ")}.`, entry: null }];
}

function seenIn({ epochs }: Run): number {
  return epochs.reduce((sum, { seen }) => sum + seen, 0);
}

function rateOddity(run: Run): string | null {
  const { trainSeconds, imagesPerSecond } = run.timing;
  const seen = seenIn(run);
  const counted = trainSeconds * imagesPerSecond;
  if (Math.abs(counted - seen) <= RATE_TOLERANCE * seen) return null;
  return `saw ${seen} images, not the ${Math.round(counted)} that its rate and seconds make`;
}

/** Four operations per weight and image: the whole machine could not have been faster. */
function speedOddity(run: Run, { engine, machine }: Result): string | null {
  const fastest =
    engine.device === "cpu"
      ? machine.cores * CPU_OPERATIONS
      : Math.max(1, machine.gpus.length) * GPU_OPERATIONS;
  const least = (OPERATIONS * run.params * seenIn(run)) / fastest;
  if (run.timing.trainSeconds >= least) return null;
  return `trained in ${run.timing.trainSeconds} s what the declared hardware needs ${least.toPrecision(2)} s for`;
}

/** A completed run was evaluated and had its controls measured, which takes time. */
function idleOddity({ status, timing }: Run): string | null {
  const { trainSeconds, evaluateSeconds, controlSeconds } = timing;
  const isIdle = Math.min(trainSeconds, evaluateSeconds, controlSeconds) === 0;
  return status === "completed" && isIdle ? "took no time for a part of its work" : null;
}

/** Fresh seeds are known only from the challenge on, which gives all of them the protocol's days. */
function lengthOddities({ fresh }: Result, { challengeDays }: Protocol): string[] {
  const longest = Math.max(
    0,
    ...fresh.map(({ timing }) => {
      return timing.trainSeconds + timing.evaluateSeconds + timing.controlSeconds;
    }),
  );
  if (longest <= challengeDays * DAY) return [];
  return [`a fresh run took longer than the ${challengeDays} days since its seed could be known`];
}

function gpuOddities({ engine, machine }: Result): string[] {
  return engine.device === "cuda" && machine.gpus.length === 0 ? ["cuda without a GPU"] : [];
}
