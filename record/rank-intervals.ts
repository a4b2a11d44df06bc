/** @file Ranks that claim no more than the seeds can show: intervals, and the tiers they form (trust.md section 4). */

import { significantPairs } from "./significant-pairs.ts";
import type { Sample } from "./welch.ts";

/** From 1. */
export interface RankInterval {
  low: number;
  high: number;
}

/**
 * [1 + entries significantly better, N - entries significantly worse] by Welch's test at 5 %, in a sorted column.
 *
 * 100,000 entries in a few seconds (see `significantPairs`).
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
  const { lower, higher } = significantPairs(tested.map((place) => samples[place]!));
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
