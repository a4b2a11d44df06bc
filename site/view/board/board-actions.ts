/** @file What a visitor's actions make of a view. */

import { MOST_COMPARED } from "../../../record/most-compared.ts";
import { findColumn } from "./board-columns.ts";
import { USUAL_VIEW, type BoardView } from "./board-view.ts";

/** Once more on the same column turns it round. */
export function sortedBy(view: BoardView, column: string): BoardView {
  if (findColumn(column) === undefined) return view;
  const isSame = view.sort === column;
  const order = isSame && view.order === "ascending" ? "descending" : "ascending";
  return { ...view, sort: column, order, page: 1 };
}

/** Filters only; what is chosen for comparison and which columns are shown stays. */
export function withoutFilters(view: BoardView): BoardView {
  const { text, archs, families, states, device, hidden, page } = USUAL_VIEW;
  return { ...view, text, archs, families, states, device, hidden, page };
}

/** A sixth entry is not taken. */
export function toggleCompared(view: BoardView, entry: string): BoardView {
  const { compare } = view;
  if (compare.includes(entry)) return { ...view, compare: compare.filter((id) => id !== entry) };
  return compare.length >= MOST_COMPARED ? view : { ...view, compare: [...compare, entry] };
}

/** A selected entry that is selected again is let go. */
export function toggleSelected(view: BoardView, entry: string): BoardView {
  return { ...view, selected: view.selected === entry ? null : entry };
}
