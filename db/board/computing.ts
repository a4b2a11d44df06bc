/** @file What of a board takes long to compute: done in this thread, or in one beside it. */

import {
  type MeasureScore,
  type MeasuredEntry,
  measureScores,
} from "../../record/measures/measure-scores.ts";
import { breath } from "../breath.ts";
import { type RankColumn, rankHere } from "./rank-column.ts";

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

/** Requests are answered in between. */
export const computeHere: Computing = {
  rank: rankHere,
  score: (rows) => measureScores(rows.map(measuredEntry), breath),
};

function measuredEntry({ id, arch, regs, measured }: MeasuredRow): MeasuredEntry {
  const numbers = JSON.parse(measured) as Pick<MeasuredEntry, "gap" | "measures">;
  return { entry: id, arch, regs, ...numbers };
}
