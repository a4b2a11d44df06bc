/** @file What a visitor has chosen to see of a board; all of it lives in the address. */

import type { State } from "../../../record/board/standing.ts";
import type { Family } from "../../charts/families.ts";
import { USUAL_COLUMNS } from "./board-columns.ts";

export interface BoardView {
  /** A column's id. */
  sort: string;
  order: "ascending" | "descending";
  /** Words that each row must have. */
  text: string;
  /** Empty: all of them. */
  archs: readonly string[];
  families: readonly Family[];
  states: readonly State[];
  device: "cpu" | "cuda" | null;
  /** Are retracted, quarantined and superseded rows shown? */
  hidden: boolean;
  /** Ids of the columns shown, in the table's order. */
  columns: readonly string[];
  /** From 1. */
  page: number;
  /** Entries chosen for comparison, at most five. */
  compare: readonly string[];
  /** The entry selected in chart and table. */
  selected: string | null;
}

export const USUAL_VIEW: BoardView = {
  sort: "complexity",
  order: "ascending",
  text: "",
  archs: [],
  families: [],
  states: [],
  device: null,
  hidden: false,
  columns: USUAL_COLUMNS,
  page: 1,
  compare: [],
  selected: null,
};

/** Rows on one page. */
export const PAGE_ROWS = 100;

/** Rows that a map draws: more points hide each other, and a browser slows down. */
export const MAP_ROWS = 300;
