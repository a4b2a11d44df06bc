/** @file The rows of one page, read along an index, with the ranks at their places. */

import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, sql, type SQL } from "drizzle-orm";
import { isRanked } from "../../record/board/board-columns.ts";
import type { Reader } from "../db.ts";
import { sortColumn } from "../entry-tables.ts";
import { boardRanks, boards, entries, keyNames } from "../schema.ts";
import type { BoardCursor, BoardOrder } from "./board-cursor.ts";
import { ownBoard, shownRank, shownRanks } from "./rank-editions.ts";
import { rowColumns, signerName, type StoredRow } from "./stored-row.ts";

/** Null: not filtered. */
export interface BoardFilters {
  states: readonly (typeof entries.$inferSelect)["state"][];
  archs: readonly string[] | null;
  regs: readonly string[] | null;
  key: string | null;
  device: "cpu" | "cuda" | null;
}

export type PageRow = StoredRow & { value: number | Date | null; rank: Uint8Array | null };

/** @param size of the board: later entries wait to be refreshed. */
export function filtered(protocol: string, size: number, filters: BoardFilters): SQL[] {
  const { states, archs, regs, key, device } = filters;
  return [
    eq(entries.protocol, protocol),
    lt(entries.number, size),
    inArray(entries.state, [...states]),
    ...(archs === null ? [] : [inArray(entries.arch, [...archs])]),
    ...(regs === null ? [] : [inArray(entries.regs, [...regs])]),
    ...(key === null ? [] : [eq(entries.key, key)]),
    ...(device === null ? [] : [eq(entries.device, device)]),
  ];
}

/**
 * Up to `limit` rows behind the cursor, ties in the order of their ids; rows without the number last in both
 * orders. An index is walked either way, so that a page costs the same wherever it stands.
 */
export async function pageRows(
  db: Reader,
  where: readonly SQL[],
  board: BoardOrder,
  cursor: BoardCursor | null,
  limit: number,
): Promise<PageRow[]> {
  const column = entries[sortColumn(board.sort)];
  const isBehindNumbers = cursor !== null && cursor.value === null;
  const numbered = isBehindNumbers
    ? []
    : await part(db, [...where, isNotNull(column), ...behind(board, cursor)], board, limit);
  if (numbered.length === limit || column.notNull) return numbered;
  const after = isBehindNumbers ? [past(board, sql`${entries.id}`, sql`${cursor.id}`)] : [];
  const rest = limit - numbered.length;
  return [...numbered, ...(await part(db, [...where, isNull(column), ...after], board, rest))];
}

function part(db: Reader, where: readonly SQL[], { sort, order }: BoardOrder, limit: number) {
  const column = entries[sortColumn(sort)];
  const direction = order === "ascending" ? asc : desc;
  return db
    .select({
      ...rowColumns,
      value: column,
      rank: shownRank,
    })
    .from(entries)
    .leftJoin(keyNames, signerName)
    .leftJoin(boards, ownBoard)
    .leftJoin(boardRanks, isRanked(sort) ? shownRanks(sort) : sql`false`)
    .where(and(...where))
    .orderBy(direction(column), direction(entries.id))
    .limit(limit);
}

function behind(board: BoardOrder, cursor: BoardCursor | null): SQL[] {
  if (cursor === null) return [];
  const column = entries[sortColumn(board.sort)];
  const value = board.sort === "receivedAt" ? new Date(cursor.value!) : cursor.value;
  const left = sql`(${column}, ${entries.id})`;
  return [past(board, left, sql`(${sql.param(value, column)}, ${cursor.id})`)];
}

function past({ order }: BoardOrder, left: SQL, right: SQL): SQL {
  return order === "ascending" ? sql`${left} > ${right}` : sql`${left} < ${right}`;
}
