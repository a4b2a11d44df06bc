/** @file What of a board takes long to compute: done in this thread, or in one beside it. */

import {
  type MeasureScore,
  type MeasuredEntry,
  measureScores,
} from "../../record/board/measure-scores.ts";
import { rankBytes } from "../../record/board/board-ranks.ts";
import type { Sample } from "../../record/statistics/t-interval.ts";

/** An entry's columns; `measured` is JSON of its gap and measures. */
export interface MeasuredRow {
  id: string;
  arch: string;
  regs: string;
  measured: string;
}

export interface Computing {
  rank: RankColumn;
  /** Of all measures: seconds from some hundred entries on. */
  score(rows: readonly MeasuredRow[]): Promise<MeasureScore[]>;
}

/** In this thread; requests are answered between two columns. */
const rankHere: RankColumn = async (numbers, order) => {
  const bytes = rankNumbers(numbers, order);
  await eventLoopTurn();
  return bytes;
};

/** Requests are answered in between. */
export const computeHere: Computing = {
  rank: rankHere,
  score: (rows) => measureScores(rows.map(measuredEntry), eventLoopTurn),
};

function measuredEntry({ id, arch, regs, measured }: MeasuredRow): MeasuredEntry {
  const numbers = JSON.parse(measured) as Pick<MeasuredEntry, "gap" | "measures">;
  return { entry: id, arch, regs, ...numbers };
}

/** Where the ranks of a column are computed: 100,000 entries take a second, in which nothing else is done there. */
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

/** Requests that wait are answered before it resolves. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
