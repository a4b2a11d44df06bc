/** @file The order of a board's rows. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { findColumn } from "./board-columns.ts";
import type { BoardView } from "./board-view.ts";

/** Rows without a value stay below, whichever way the others go; equal ones keep the older first. */
export function sortRows(
  rows: readonly BoardRow[],
  { sort, order }: Pick<BoardView, "sort" | "order">,
): BoardRow[] {
  const column = findColumn(sort)!;
  const sign = order === "ascending" ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: column.order(row) }));
  return keyed
    .sort((a, b) => {
      if (a.key === null || b.key === null)
        return Number(a.key === null) - Number(b.key === null) || byAge(a.row, b.row);
      return sign * compare(a.key, b.key) || byAge(a.row, b.row);
    })
    .map(({ row }) => row);
}

const collator = new Intl.Collator("en", { numeric: true });

function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : collator.compare(String(a), String(b));
}

function byAge(a: BoardRow, b: BoardRow): number {
  if (a.receivedAt !== b.receivedAt) return a.receivedAt < b.receivedAt ? -1 : 1;
  return a.entry < b.entry ? -1 : 1;
}
