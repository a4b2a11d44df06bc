/** @file A page of a board: rows in order, counts from beside the board, nothing computed over all entries. */

import { and, count } from "drizzle-orm";
import type { BoardPage } from "../../record/board/board-row.ts";
import { HIDDEN_STATES } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { entries } from "../schema.ts";
import { countIn } from "./board-counts.ts";
import { type BoardCursor, type BoardOrder, formatCursor } from "./board-cursor.ts";
import { type BoardFilters, type PageRow, filtered, pageRows } from "./board-page-rows.ts";
import { namedSameCounts } from "./named-same-counts.ts";
import { type Board, readBoard } from "./read-board.ts";
import { boardRow } from "./stored-row.ts";

export interface PageRequest extends BoardOrder {
  filters: BoardFilters;
  cursor: BoardCursor | null;
  limit: number;
}

export async function boardPage(
  db: Reader,
  protocol: BoardPage["protocol"],
  { filters, cursor, limit, ...order }: PageRequest,
): Promise<BoardPage> {
  const board = await readBoard(db, protocol.id);
  const where = filtered(protocol.id, board.entries, filters);
  const found = await pageRows(db, where, order, cursor, limit + 1);
  const shown = found.slice(0, limit);
  const sameCounts = await namedSameCounts(db, shown);
  return {
    protocol,
    ...order,
    total: await total(db, board, filters, where),
    hidden: Object.fromEntries(
      HIDDEN_STATES.map((state) => [state, countIn(board.counts, [state])]),
    ) as BoardPage["hidden"],
    logSize: board.logSize,
    rows: shown.map((row) => boardRow(row, row.rank, sameCounts(row.id))),
    next: found.length > limit ? formatCursor(order, placeOf(shown.at(-1)!)) : null,
  };
}

function placeOf({ value, id }: PageRow): BoardCursor {
  return { value: value instanceof Date ? value.getTime() : value, id };
}

/** Only filters that pick few rows are counted row by row. */
async function total(
  db: Reader,
  board: Board,
  { states, device, ...filters }: BoardFilters,
  where: ReturnType<typeof filtered>,
): Promise<number> {
  if (Object.values(filters).every((filter) => filter === null))
    return countIn(board.counts, [...new Set(states)], device ?? undefined);
  const [counted] = await db
    .select({ count: count() })
    .from(entries)
    .where(and(...where));
  return counted!.count;
}
