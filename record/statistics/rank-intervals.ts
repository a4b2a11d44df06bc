/** @file Ranks that claim no more than the seeds can show: intervals, and the tiers they form (trust.md section 4). */

import {
  CRITICAL_T_ERROR,
  type Sample,
  criticalT,
  squaredError,
  tQuantile,
  welchFreedom,
  welchP,
} from "./t-interval.ts";

/** From 1. */
interface RankInterval {
  low: number;
  high: number;
}

/**
 * [1 + entries significantly better, N - entries significantly worse] by Welch's test, in a sorted column.
 *
 * At .05/(N-1), so that of an entry's N - 1 tests all hold together with 95 %: where all N are equal, its interval is
 * narrower than 1..N with a probability of at most 5 %. The same test judges both of a pair.
 *
 * Its cost grows as n sqrt(n) up to 65,536 entries, and nearly as n^2 above (see `significantPairs`).
 *
 * @param order ascending: the lowest value comes first.
 * @returns in the order of `samples`; null for null (a diverged run leaves no mean), which N does not count.
 */
export function rankIntervals(
  samples: readonly (Sample | null)[],
  order: "ascending" | "descending",
): (RankInterval | null)[] {
  const places = [...samples.keys()].filter((place) => samples[place] !== null);
  const intervals: (RankInterval | null)[] = samples.map(() => null);
  for (const place of places) intervals[place] = { low: 1, high: places.length };
  // a single value differs from nothing significantly
  const tested = places.filter((place) => samples[place]!.count >= 2);
  const level = rankLevel(places.length);
  const { lower, higher } = significantPairs(
    tested.map((place) => samples[place]!),
    level,
  );
  const [better, worse] = order === "ascending" ? [lower, higher] : [higher, lower];
  for (const [i, place] of tested.entries())
    intervals[place] = { low: 1 + better[i]!, high: places.length - worse[i]! };
  return intervals;
}

/** Entries of equal rank intervals share a tier; tiers count from 1, the best first; null for null. */
export function tiers(intervals: readonly (RankInterval | null)[]): (number | null)[] {
  const key = ({ low, high }: RankInterval) => `${low} ${high}`;
  const distinct = new Map(intervals.flatMap((each) => (each ? [[key(each), each] as const] : [])));
  const sorted = [...distinct.values()].sort((a, b) => a.low - b.low || a.high - b.high);
  const numbers = new Map(sorted.map((each, i) => [key(each), i + 1]));
  return intervals.map((each) => each && numbers.get(key(each))!);
}

/**
 * How far apart two of N entries must lie for their ranks to tell them apart, in standard deviations of one run, when
 * both spread alike over as many runs.
 *
 * @example rankableDistance(50, 8) // 2.06...
 */
export function rankableDistance(entries: number, runs: number): number {
  return tQuantile(1 - rankLevel(entries), 2 * runs - 2) * Math.sqrt(2 / runs);
}

/** The level of one of an entry's N - 1 tests, by Bonferroni. */
function rankLevel(entries: number): number {
  return 0.05 / Math.max(1, entries - 1);
}

const MOST_BINS = 256;

/** Samples of one count and of nearly one standard error, sorted by mean. */
interface Bin {
  count: number;
  /** Squared errors of the means, the least and the largest. */
  least: number;
  largest: number;
  samples: Sample[];
  /** Their places among all samples. */
  places: number[];
  means: Float64Array;
  squares: Float64Array;
}

/** How many others each sample differs from significantly, without looking at every pair. */
interface SignificantCounts {
  /** By place: samples whose mean is significantly lower, and higher. */
  lower: Uint32Array;
  higher: Uint32Array;
}

/**
 * Welch's test of every pair, counted. Two that do not spread at all do not differ: nothing tells how far they would.
 *
 * Samples are put into bins of nearly equal standard error. Between two bins the distance of means at which the
 * test turns significant lies in a narrow band, so that two pointers count nearly all pairs, and only those inside
 * the band are tested: about n sqrt(n) steps in place of n^2, as long as there are sqrt(n) bins.
 *
 * @param samples each of at least two values.
 */
export function significantPairs(samples: readonly Sample[], level: number): SignificantCounts {
  const counts = {
    lower: new Uint32Array(samples.length),
    higher: new Uint32Array(samples.length),
  };
  const bins = binsOf(samples);
  const test = { level, criticalT: criticalT(level) };
  for (const low of bins) for (const high of bins) countBetween(low, high, test, counts);
  return counts;
}

interface PairTest {
  level: number;
  criticalT: (df: number) => number;
}

function binsOf(samples: readonly Sample[]): Bin[] {
  const most = Math.ceil(
    samples.length / Math.min(MOST_BINS, Math.ceil(Math.sqrt(samples.length))),
  );
  const order = [...samples.keys()].sort((a, b) => {
    const [first, second] = [samples[a]!, samples[b]!];
    return first.count - second.count || squaredError(first) - squaredError(second);
  });
  const groups: number[][] = [];
  for (const place of order) {
    const last = groups.at(-1);
    if (last && last.length < most && areAlike(samples[last[0]!]!, samples[place]!))
      last.push(place);
    else groups.push([place]);
  }
  return groups.map((places) => binOf(places, samples));
}

/** Of one count, and both spread or neither does. */
function areAlike(a: Sample, b: Sample): boolean {
  return a.count === b.count && (a.variance === 0) === (b.variance === 0);
}

/** @param places in the order of their errors. */
function binOf(places: number[], samples: readonly Sample[]): Bin {
  const [least, largest] = [places[0]!, places.at(-1)!].map((place) =>
    squaredError(samples[place]!),
  );
  const sorted = places.toSorted((a, b) => samples[a]!.mean - samples[b]!.mean);
  const own = sorted.map((place) => samples[place]!);
  return {
    count: own[0]!.count,
    least: least!,
    largest: largest!,
    samples: own,
    places: sorted,
    means: Float64Array.from(own, ({ mean }) => mean),
    squares: Float64Array.from(own, squaredError),
  };
}

/** Pairs of a sample of `below` with one of `above` that has a larger mean. */
function countBetween(
  below: Bin,
  above: Bin,
  test: PairTest,
  { lower, higher }: SignificantCounts,
): void {
  if (below.largest + above.largest === 0) return;
  const { never, always } = bandBetween(below, above, test);
  const { means } = above;
  const firstSure = new Uint32Array(means.length + 1);
  let [open, sure] = [0, 0];
  for (let i = 0; i < below.means.length; i++) {
    const from = below.means[i]!;
    while (open < means.length && means[open]! - from <= never) open++;
    while (sure < means.length && means[sure]! - from <= always) sure++;
    let found = means.length - sure;
    firstSure[sure]! += 1;
    for (let j = open; j < sure; j++)
      if (isSignificant(below, i, above, j, test)) {
        found += 1;
        lower[above.places[j]!]! += 1;
      }
    higher[below.places[i]!]! += found;
  }
  let passed = 0;
  for (let j = 0; j < means.length; j++) lower[above.places[j]!]! += passed += firstSure[j]!;
}

/** Up to `never` no pair of the two differs significantly; beyond `always` each does. */
function bandBetween(a: Bin, b: Bin, { criticalT }: PairTest): { never: number; always: number } {
  const freedoms = [
    [a.least, b.largest],
    [a.largest, b.least],
  ].map(([ofA, ofB]) => welchFreedom(ofA!, a.count, ofB!, b.count));
  const [leastRatio, largestRatio] = [a.least / b.largest, a.largest / b.least];
  const peak = (a.count - 1) / (b.count - 1);
  const isPeak = !(peak < leastRatio || peak > largestRatio); // of the freedom, between the two
  const most = isPeak ? a.count + b.count - 2 : Math.max(...freedoms);
  return {
    never: criticalT(most) * (1 - CRITICAL_T_ERROR) * Math.sqrt(a.least + b.least),
    always:
      criticalT(Math.min(...freedoms)) * (1 + CRITICAL_T_ERROR) * Math.sqrt(a.largest + b.largest),
  };
}

/** By the table where it is sure, by the test's own p where it is not; the means differ. */
function isSignificant(a: Bin, i: number, b: Bin, j: number, test: PairTest): boolean {
  const [ofA, ofB] = [a.squares[i]!, b.squares[j]!];
  const t = (b.means[j]! - a.means[i]!) / Math.sqrt(ofA + ofB);
  const critical = test.criticalT(welchFreedom(ofA, a.count, ofB, b.count));
  if (Math.abs(t - critical) > CRITICAL_T_ERROR * critical) return t > critical;
  return welchP(a.samples[i]!, b.samples[j]!) < test.level;
}
