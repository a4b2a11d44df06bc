/** @file Which measure puts configurations in the order of their generalization gaps? */

import { parseArchitecture, tapCount } from "../architecture.ts";
import { normalizedAccuracy, runMetrics } from "../metrics.ts";
import type { RunMetrics } from "../metrics-schema.ts";
import type { Protocol } from "../protocols.ts";
import type { Run } from "../run.ts";
import type { Measurement } from "../statement/statements.ts";
import { mean } from "../statistics/t-interval.ts";

export interface MeasureScore {
  name: MeasureName;
  title: string;
  /** Kendall's tau-b of measure and gap; null when one of them does not vary. */
  tau: number | null;
  low: number | null;
  high: number | null;
  /** Configurations that have both numbers, and the pairs they make. */
  entries: number;
  pairs: number;
  points: { entry: string; arch: string; regs: string; measure: number; gap: number }[];
}

export const MOST_POINTS = 500;

/**
 * One score for each measure, in the order of `MEASURES`.
 *
 * @param entries one for each configuration, as copies would weigh as measurements.
 * @param pause called now and then: intervals of all measures take seconds.
 */
export async function measureScores(
  entries: readonly MeasuredEntry[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<MeasureScore[]> {
  const scores: MeasureScore[] = [];
  for (const name of MEASURE_NAMES) scores.push(await measureScore(name, entries, pause));
  return scores;
}

async function measureScore(
  name: MeasureName,
  entries: readonly MeasuredEntry[],
  pause: () => Promise<void>,
): Promise<MeasureScore> {
  const points = entries.flatMap(({ entry, arch, regs, gap, measures }) => {
    const measure = measures[name];
    return measure === null || gap === null ? [] : [{ entry, arch, regs, measure, gap }];
  });
  const sorted = sortPairs(
    Float64Array.from(points, ({ measure }) => measure),
    Float64Array.from(points, ({ gap }) => gap),
  );
  const tau = kendallTau(sorted);
  const bounds = tau === null ? null : await tauInterval(sorted, tau, pause);
  return {
    name,
    title: MEASURES[name].title,
    tau,
    low: bounds?.low ?? null,
    high: bounds?.high ?? null,
    entries: points.length,
    pairs: (points.length * (points.length - 1)) / 2,
    points: evenly(points, MOST_POINTS),
  };
}

/** At most this many, evenly spread over the list, first and last among them. */
function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => items[Math.round(i * step)]!);
}

interface Measure {
  /** For a column's head. */
  title: string;
  /** Null where the run does not have it. */
  of(run: Run, metrics: RunMetrics, protocol: Protocol): number | null;
}

/** The measures that every result carries, one number per entry (method.md section 5). */
const MEASURES = {
  params: { title: "parameters", of: (run) => run.params },
  learnedComplexity: { title: "complexity", of: (_, metrics) => metrics.learnedComplexity },
  onlineComplexity: { title: "complexity while training", of: onlineComplexity },
  capacity: { title: "complexity of a refit", of: (_, run) => run.capacity },
  bits: { title: "memorised bits per sample", of: (_, metrics) => metrics.bits },
  effectiveRank: { title: "effective rank", of: (_, run) => run.controls?.effectiveRank ?? null },
  participationRatio: {
    title: "participation ratio",
    of: (_, metrics) => metrics.controls?.participationRatio ?? null,
  },
  cumulativeLoss: { title: "cumulative training loss", of: cumulativeLoss },
  epochsToLearn: { title: "epoch that passes 90 % train accuracy", of: epochsToLearn },
  trainLoss: { title: "train loss", of: (_, metrics) => metrics.trainLoss },
} as const satisfies Record<string, Measure>;

type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as [MeasureName, ...MeasureName[]];

/** One entry in the board of measures: means over all its runs; null where a run lacks the number. */
export interface MeasuredEntry {
  /** Statement id. */
  entry: string;
  arch: string;
  regs: string;
  /** Train minus test accuracy. */
  gap: number | null;
  measures: Record<MeasureName, number | null>;
}

/** @param result with its statement id. */
export function measuredEntry(
  id: string,
  { arch, regs, panel, fresh }: Pick<Measurement, "arch" | "regs" | "panel" | "fresh">,
  protocol: Protocol,
): MeasuredEntry {
  const runs = [...panel, ...fresh].map((run) => ({ run, metrics: runMetrics(run, protocol) }));
  const measured = MEASURE_NAMES.map((name) => {
    const values = runs.map(({ run, metrics }) => MEASURES[name].of(run, metrics, protocol));
    return [name, meanOfAll(values)];
  });
  return {
    entry: id,
    arch,
    regs,
    gap: meanOfAll(runs.map(({ metrics }) => metrics.gap)),
    measures: Object.fromEntries(measured) as MeasuredEntry["measures"],
  };
}

function meanOfAll(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 || present.length < values.length ? null : mean(present);
}

/** Like the complexity, but from the last epoch's predictions before each update. */
function onlineComplexity(run: Run, { heads }: RunMetrics, protocol: Protocol): number | null {
  if (run.status === "diverged") return null;
  const last = tapCount(parseArchitecture(run.arch));
  const n = protocol.headline;
  const free = heads.filter((head) => head.tap === last && head.n === n && !head.regularized);
  return meanOfAll(
    free.map(({ online }) => (online === null ? null : normalizedAccuracy(online, n))),
  );
}

/** Mean loss of each epoch, summed over the epochs: nats per sample. */
function cumulativeLoss({ status, epochs }: Run): number | null {
  if (status === "diverged") return null;
  return epochs.reduce((sum, { lossSum, seen }) => sum + lossSum / seen, 0);
}

/** The first epoch, from 1, whose accuracy before each update exceeds 90 %; null when there is none. */
function epochsToLearn({ epochs }: Run): number | null {
  const at = epochs.findIndex(({ correct, seen }) => correct > 0.9 * seen);
  return at < 0 ? null : at + 1;
}

/** Two columns of equal length, sorted by x and, where that is equal, by y. */
interface SortedPairs {
  x: Float64Array;
  y: Float64Array;
}

export function sortPairs(x: Float64Array, y: Float64Array): SortedPairs {
  if (x.length !== y.length) throw new RangeError(`${x.length} values against ${y.length}`);
  const order = Float64Array.from(x.keys()).sort((a, b) => x[a]! - x[b]! || y[a]! - y[b]!);
  return { x: order.map((i) => x[i]!), y: order.map((i) => y[i]!) };
}

/**
 * tau-b = (C - D) / sqrt((N - T) (N - U)) over the N pairs: C concordant, D discordant, T tied in x, U tied in y
 * (Kendall 1945). In n log n by Knight's merge sort (J. Am. Stat. Assoc. 61, 1966).
 *
 * @returns in [-1, 1]; null when all x or all y are equal, or with fewer than two values.
 */
export function kendallTau({ x, y }: SortedPairs): number | null {
  const pairs = pairCount(x.length);
  const tiedX = tiedPairs(x.length, (i) => x[i] === x[i - 1]);
  const tiedBoth = tiedPairs(x.length, (i) => x[i] === x[i - 1] && y[i] === y[i - 1]);
  const { sorted, swaps } = sortCountingSwaps(y);
  const tiedY = tiedPairs(sorted.length, (i) => sorted[i] === sorted[i - 1]);
  const scale = Math.sqrt((pairs - tiedX) * (pairs - tiedY));
  if (scale === 0) return null;
  const tau = (pairs - tiedX - tiedY + tiedBoth - 2 * swaps) / scale;
  return Math.max(-1, Math.min(1, tau));
}

function pairCount(count: number): number {
  return (count * (count - 1)) / 2;
}

/** Pairs within runs of equal places; `isTied(i)`: is place i equal to place i - 1? */
function tiedPairs(count: number, isTied: (i: number) => boolean): number {
  let [pairs, length] = [0, 1];
  for (let i = 1; i < count; i++) {
    length = isTied(i) ? length + 1 : 1;
    pairs += length - 1;
  }
  return pairs;
}

/** Bottom up, with the number of pairs that stood the wrong way round. */
function sortCountingSwaps(values: Float64Array): { sorted: Float64Array; swaps: number } {
  const { length } = values;
  let [from, to, swaps] = [values.slice(), new Float64Array(length), 0];
  for (let width = 1; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width)
      swaps += merge(from, to, start, start + width);
    [from, to] = [to, from];
  }
  return { sorted: from, swaps };
}

/** Merges [start, middle) with as many after it; each right value taken passes what is left on the left. */
function merge(from: Float64Array, to: Float64Array, start: number, middle: number): number {
  const [leftEnd, end] = [middle, 2 * middle - start].map((at) => Math.min(at, from.length));
  let [left, right, swaps] = [start, leftEnd!, 0];
  for (let at = start; at < end!; at++) {
    if (right >= end! || (left < leftEnd! && from[left]! <= from[right]!)) to[at] = from[left++]!;
    else {
      to[at] = from[right++]!;
      swaps += leftEnd! - left;
    }
  }
  return swaps;
}

/** The 2.5 % points of 1000 resamples stand on 25 of them each. */
const RESAMPLES = 1000;

/**
 * Entries of one resample at most. With more entries this is the m-out-of-n bootstrap: 1000 resamples of all of
 * 10,000 would cost seconds, and the interval would be too narrow to matter.
 */
const LARGEST_RESAMPLE = 500;

const FEWEST_ENTRIES = 5;

/** Resamples between two pauses: some milliseconds. */
const PAUSE = 20;

const SEED = 20_180_807;

/** 95 %. */
interface TauInterval {
  low: number;
  high: number;
}

/**
 * Entries are drawn with replacement, from the same seed always: whoever has the entries gets the same interval.
 *
 * Resamples of m < n entries spread sqrt(n/m) times as wide as those of n, so their distances from `tau` are
 * shrunk by that (Bickel, Götze and van Zwet, Statistica Sinica 7, 1997).
 *
 * @param tau of all of them.
 * @param pause called now and then, as all of it can take a third of a second: a server answers others meanwhile.
 * @returns null with fewer than five entries, or when most resamples have no tau.
 */
export async function tauInterval(
  { x, y }: SortedPairs,
  tau: number,
  pause: () => Promise<void>,
): Promise<TauInterval | null> {
  const n = x.length;
  if (n < FEWEST_ENTRIES) return null;
  const m = Math.min(n, LARGEST_RESAMPLE);
  const random = seededRandom(SEED);
  const taus: (number | null)[] = [];
  while (taus.length < RESAMPLES) {
    // places in sorted order give sorted pairs, without a comparator
    const places = new Uint32Array(m).map(() => random() * n).sort();
    const drawn = (column: Float64Array) => Float64Array.from(places, (place) => column[place]!);
    taus.push(kendallTau({ x: drawn(x), y: drawn(y) }));
    if (taus.length % PAUSE === 0) await pause();
  }
  const sorted = taus.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length < RESAMPLES / 2) return null;
  const shrunk = (value: number) => tau + (value - tau) * Math.sqrt(m / n);
  return { low: shrunk(percentile(sorted, 0.025)), high: shrunk(percentile(sorted, 0.975)) };
}

/** Linear between the two nearest values (NumPy's default; type 7 of Hyndman and Fan 1996). */
export function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

/** mulberry32: uniform in [0, 1), 32 bits of state. Good enough to draw samples; not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
