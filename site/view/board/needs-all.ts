/** @file Can a view be drawn from the first rows that the server sends, or does it take every one? */

import { isRanked, RANK_ORDER } from "../../../record/board/board-columns.ts";
import { findColumn } from "./board-columns.ts";
import type { BoardView } from "./board-view.ts";

/** The server sends the rows of a ranked column in the order of its ranks, and is asked for no other. */
export function needsAll(view: BoardView): boolean {
  const sort = findColumn(view.sort)?.sort ?? null;
  const isServersOrder = sort !== null && isRanked(sort) && RANK_ORDER[sort] === view.order;
  return view.page > 1 || isFiltered(view) || !isServersOrder;
}

/** By anything but the hidden states. */
export function isFiltered({ text, archs, families, states, device }: BoardView): boolean {
  return (
    text !== "" || device !== null || [archs, families, states].some((each) => each.length > 0)
  );
}
