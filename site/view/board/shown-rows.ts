/** @file From all rows and a view to what stands on the screen. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import type { BoardModel } from "./board-model.ts";
import { filterRows, isHidden } from "./board-filter.ts";
import { sortRows } from "./board-sort.ts";
import { isFiltered } from "./needs-all.ts";
import { PAGE_ROWS, type BoardView } from "./board-view.ts";

export interface ShownRows {
  /** Let through by the filters, in order, on all pages. */
  passing: BoardRow[];
  /** As many as pass, those included that were not fetched yet. */
  found: number;
  /** Entries of the board, those in hidden states only where they are shown. */
  all: number;
  /** Of all rows that are known, so that filters leave each its shape. */
  architectures: string[];
  /** Of this page. */
  rows: BoardRow[];
  /** From 1; the last one when the address asks for a later one. */
  page: number;
  pages: number;
}

export function shownRows(
  { rows: known, ranked, total }: Pick<BoardModel, "rows" | "ranked" | "total">,
  view: BoardView,
): ShownRows {
  const passing = filterRows(sorted(known, view), view);
  const all = total + (view.hidden ? known.filter(isHidden).length : 0);
  const found = isFiltered(view) ? passing.length : Math.max(all, passing.length);
  const pages = Math.max(1, Math.ceil(found / PAGE_ROWS));
  const page = Math.min(view.page, pages);
  const rows = passing.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
  return {
    passing,
    found,
    all,
    architectures: [...new Set(known.map(({ arch }) => arch))],
    rows: rankedRows(rows, ranked, view),
    page,
    pages,
  };
}

/** Ranks are shown in the order that they are in, and in no other: neither on the screen nor in a copy of it. */
export function rankedRows(
  rows: readonly BoardRow[],
  ranked: BoardModel["ranked"],
  { sort }: Pick<BoardView, "sort">,
): BoardRow[] {
  return sort === ranked ? [...rows] : rows.map((row) => ({ ...row, rank: null }));
}

/** Kept for as long as the rows are: whoever types a filter does not wait for a sort. */
const orders = new WeakMap<readonly BoardRow[], Map<string, readonly BoardRow[]>>();

function sorted(rows: readonly BoardRow[], { sort, order }: BoardView): readonly BoardRow[] {
  const kept = orders.get(rows) ?? new Map<string, readonly BoardRow[]>();
  orders.set(rows, kept);
  const key = `${sort} ${order}`;
  const found = kept.get(key) ?? sortRows(rows, { sort, order });
  kept.set(key, found);
  return found;
}
