/** @file The ranks of a whole column as bytes: 12 per entry, in the order of the entries' numbers. */

import { rankIntervals, tiers } from "../statistics/rank-intervals.ts";
import type { Sample } from "../statistics/t-interval.ts";
import type { Rank } from "./board-row.ts";

/** For each entry: low, high and tier as uint32, little-endian; zeros where it has no rank. */
export const RANK_BYTES = 12;

/** @param order ascending: rank 1 is the lowest mean. @returns 12 bytes for each sample, in their order. */
export function rankBytes(
  samples: readonly (Sample | null)[],
  order: "ascending" | "descending",
): Uint8Array {
  const intervals = rankIntervals(samples, order);
  const numbers = tiers(intervals);
  const bytes = new Uint8Array(RANK_BYTES * samples.length);
  const view = new DataView(bytes.buffer);
  for (const [i, interval] of intervals.entries()) {
    if (interval === null) continue;
    const words = [interval.low, interval.high, numbers[i]!];
    for (const [j, word] of words.entries()) view.setUint32(RANK_BYTES * i + 4 * j, word, true);
  }
  return bytes;
}

/** A column of a board: flat, as there may be very many entries, and another thread may be given it. */
export interface RankedColumn {
  /** Mean, variance and count of each entry in turn; the mean is NaN where it is not ranked. */
  numbers: Float64Array<ArrayBuffer>;
  order: "ascending" | "descending";
}

/** Numbers of one entry in a `RankedColumn`. */
export const SAMPLE_WIDTH = 3;

/** @returns as `rankBytes`. */
export function columnRanks({ numbers, order }: RankedColumn): Uint8Array {
  const samples = Array.from({ length: numbers.length / SAMPLE_WIDTH }, (_, i): Sample | null => {
    const [mean, variance, count] = numbers.subarray(SAMPLE_WIDTH * i, SAMPLE_WIDTH * (i + 1));
    return Number.isNaN(mean) ? null : { mean: mean!, variance: variance!, count: count! };
  });
  return rankBytes(samples, order);
}

/**
 * The rank of a configuration on the rows of its other entries, too.
 *
 * @param ranks changed in place. @param shared of such a row its place, and that of the entry that stands for it.
 */
export function withSharedRanks(
  ranks: Uint8Array,
  shared: readonly (readonly [place: number, representative: number])[],
): Uint8Array {
  for (const [place, representative] of shared) {
    const from = RANK_BYTES * representative;
    ranks.copyWithin(RANK_BYTES * place, from, from + RANK_BYTES);
  }
  return ranks;
}

/** @param bytes the 12 of one entry; fewer, or none, when it was accepted after the ranks were computed. */
export function readRank(bytes: Uint8Array): Rank | null {
  if (bytes.length < RANK_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, RANK_BYTES);
  const [low, high, tier] = [0, 4, 8].map((at) => view.getUint32(at, true));
  return low === 0 ? null : { low: low!, high: high!, tier: tier! };
}
