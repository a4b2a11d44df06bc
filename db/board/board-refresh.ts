/** @file One board's refresh: computed first, then stored. */

import { desc, eq, sql } from "drizzle-orm";
import { RANK_ORDER, RANKED, type Ranked } from "../../record/board/board-columns.ts";
import type { Reader, Transaction } from "../db.ts";
import type { BoardChange } from "../index/board-change.ts";
import { boards, entries } from "../schema.ts";
import { addedCounts, countEntries, movedCounts, type BoardCounts } from "./board-counts.ts";
import { columnSamples } from "./column-samples.ts";
import { withSharedRanks } from "../../record/board/board-ranks.ts";
import type { RankColumn } from "./rank-column.ts";
import { dropOtherEditions, rankEdition, type RankEdition } from "./rank-editions.ts";
import { refreshedRows, type RefreshedRow } from "./refreshed-rows.ts";

type StoredBoard = typeof boards.$inferSelect;

export interface BoardRefresh {
  protocol: string;
  rows: RefreshedRow[];
  /** How many entries the board then has. */
  entries: number;
  /** Null: no entry came, and the same ones stand for their configurations. */
  ranks: RankEdition | null;
}

/** Configurations, or rows, of one query. */
const AT_ONCE = 500;

/** @param board as stored; null before its first refresh. */
export async function boardRefresh(
  { db, rank }: { db: Reader; rank: RankColumn },
  protocol: string,
  board: StoredBoard | null,
  changes: readonly BoardChange[],
): Promise<BoardRefresh> {
  let rows: RefreshedRow[] = [];
  for (let start = 0; start < changes.length; start += AT_ONCE)
    rows = rows.concat(await refreshedRows(db, protocol, changes.slice(start, start + AT_ONCE)));
  const isNew = board === null;
  if (!isNew && changes.length === 0)
    return { protocol, rows, entries: board.entries, ranks: null };
  const isRankMoved = isNew || rows.some((row) => row.isRankMoved);
  if (!isRankMoved && (await entryCount(db, protocol)) === board.entries)
    return { protocol, rows, entries: board.entries, ranks: null };
  const changed = new Map(rows.map((row) => [row.number, row.representative]));
  const columns = await columnSamples(db, protocol, changed);
  const ranks = new Map<Ranked, Uint8Array>();
  for (const name of RANKED) {
    const own = await rank(columns.numbers(name), RANK_ORDER[name]);
    ranks.set(name, withSharedRanks(own, columns.shared));
  }
  return { protocol, rows, entries: columns.size, ranks: await rankEdition(ranks) };
}

async function entryCount(db: Reader, protocol: string): Promise<number> {
  const [last] = await db
    .select({ number: entries.number })
    .from(entries)
    .where(eq(entries.protocol, protocol))
    .orderBy(desc(entries.number))
    .limit(1);
  return last ? last.number + 1 : 0;
}

export async function storeRefresh(
  tx: Transaction,
  { protocol, rows, entries: size, ranks }: BoardRefresh,
  logSize: number,
): Promise<void> {
  for (let start = 0; start < rows.length; start += AT_ONCE)
    await storeRows(tx, rows.slice(start, start + AT_ONCE));
  await storeBoard(tx, { protocol, rows, entries: size, ranks }, logSize);
  if (ranks !== null) await dropOtherEditions(tx, protocol, ranks.name);
}

/** A challenge issued changes every row of its configuration. */
async function storeRows(tx: Transaction, rows: readonly RefreshedRow[]): Promise<void> {
  const told = JSON.stringify(
    rows.map(({ id, state, standing, operatorNotes: notes, representative }) => {
      return { id, state, standing, notes, representative };
    }),
  );
  await tx.execute(
    sql`update ${entries} set state = told.state, standing = told.standing, operator_notes = told.notes,
        representative = told.representative
      from json_to_recordset(${told}::json)
        as told(id text, state text, standing text, notes text, representative integer)
      where ${entries.id} = told.id`,
  );
}

async function storeBoard(
  tx: Transaction,
  { protocol, rows, entries: size, ranks }: BoardRefresh,
  logSize: number,
): Promise<void> {
  const [stored] = await tx.select().from(boards).where(eq(boards.protocol, protocol));
  const from = stored?.entries ?? 0;
  const earlier = stored ? (JSON.parse(stored.counts) as BoardCounts) : {};
  const added = size === from ? {} : await countEntries(tx, protocol, { from, to: size });
  const counts = JSON.stringify(addedCounts(movedCounts(earlier, rows, from), added));
  const version = (stored?.version ?? 0) + 1;
  const edition = (ranks?.name ?? stored?.edition)!; // a new board is ranked
  const board = { protocol, version, logSize, entries: size, counts, edition };
  await tx.insert(boards).values(board).onConflictDoUpdate({ target: boards.protocol, set: board });
}
