/** @file Where the ranks of a column are computed: 100,000 entries take a second, in which nothing else is done there. */

import { rankBytes } from "../../record/board/board-ranks.ts";
import type { Sample } from "../../record/t-interval.ts";
import { breath } from "../breath.ts";

export type RankOrder = "ascending" | "descending";

/**
 * @param numbers as of `ColumnSamples`; they are given away.
 * @returns as `rankBytes`.
 */
export type RankColumn = (numbers: Float64Array, order: RankOrder) => Promise<Uint8Array>;

/** Of one entry in a column: mean, variance and count, one behind the other. */
export const WIDTH = 3;

export function rankNumbers(numbers: Float64Array, order: RankOrder): Uint8Array {
  const samples = Array.from({ length: numbers.length / WIDTH }, (_, i): Sample | null => {
    const [mean, variance, count] = numbers.subarray(WIDTH * i, WIDTH * (i + 1));
    return Number.isNaN(mean) ? null : { mean: mean!, variance: variance!, count: count! };
  });
  return rankBytes(samples, order);
}

/** In this thread; requests are answered between two columns. */
export const rankHere: RankColumn = async (numbers, order) => {
  const bytes = rankNumbers(numbers, order);
  await breath();
  return bytes;
};
