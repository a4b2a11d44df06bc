/** @file A page of a board: rows in order, counts from beside the board, nothing computed over all entries. */

import {
  type SQL,
  and,
  asc,
  count,
  desc,
  eq,
  inArray,
  isNotNull,
  isNull,
  lt,
  not,
  sql,
} from "drizzle-orm";
import { z } from "zod";
import { alias } from "drizzle-orm/pg-core";
import type { BoardPage, BoardRow, Note } from "../../record/board/board-row.ts";
import { HIDDEN_STATES, type SettledStanding } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import {
  boardRanks,
  boards,
  entries,
  hasCustomCode,
  keyNames,
  runCounts,
  sortColumn,
} from "../schema.ts";
import { type BoardCounts, countIn } from "./refresh-boards.ts";
import { SORTS, type Sort, isRanked } from "../../record/board/board-columns.ts";
import { Digest } from "../../record/run.ts";
import { ownBoard, ranksCustom, shownRank, shownRanks } from "./rank-editions.ts";
import type { CustomView } from "../../record/board/states.ts";
import { type OtherListing, sameCountsOf } from "../project/leaf-body.ts";
import { readRank } from "../../record/board/board-ranks.ts";
import type { FixedRow } from "../../record/board/entry-row.ts";

export interface PageRequest extends BoardOrder {
  custom: CustomView;
  filters: BoardFilters;
  cursor: BoardCursor | null;
  limit: number;
}

export async function boardPage(
  db: Reader,
  protocol: BoardPage["protocol"],
  { filters, cursor, limit, custom, ...order }: PageRequest,
): Promise<BoardPage> {
  const board = await readBoard(db, protocol.id);
  const where = [
    ...filtered(protocol.id, board.entries, filters),
    ...(custom === "hidden" ? [not(hasCustomCode)] : []),
  ];
  const found = await pageRows(db, where, { ...order, custom }, cursor, limit + 1);
  const shown = found.slice(0, limit);
  const sameCounts = await namedSameCounts(db, shown);
  return {
    protocol,
    ...order,
    custom,
    total: await total(db, board, filters, where, custom !== "hidden"),
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
  withCustom: boolean,
): Promise<number> {
  if (Object.values(filters).every((filter) => filter === null))
    return countIn(board.counts, [...new Set(states)], device ?? undefined, withCustom);
  const [counted] = await db
    .select({ count: count() })
    .from(entries)
    .where(and(...where));
  return counted!.count;
}

const Cursor = z.tuple([
  z.enum(SORTS),
  z.enum(["ascending", "descending"]),
  /** The last row's number in the sorted column; of `receivedAt`, milliseconds. */
  z.number().nullable(),
  /** Its entry. */
  Digest,
]);

/** Where a page of a board ended: opaque to its readers. */
interface BoardCursor {
  value: number | null;
  id: string;
}

interface BoardOrder {
  sort: Sort;
  order: "ascending" | "descending";
}

type RankedOrder = BoardOrder & Pick<PageRequest, "custom">;

export function formatCursor({ sort, order }: BoardOrder, { value, id }: BoardCursor): string {
  const text = JSON.stringify([sort, order, value, id] satisfies z.infer<typeof Cursor>);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Null for what was not written for a page in this order. */
export function parseCursor({ sort, order }: BoardOrder, text: string): BoardCursor | null {
  let parsed;
  try {
    const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
    parsed = Cursor.safeParse(JSON.parse(atob(base64)));
  } catch {
    return null;
  }
  if (!parsed.success) return null;
  const [cursorSort, cursorOrder, value, id] = parsed.data;
  const isPlace = cursorSort === sort && cursorOrder === order && isOf(sort, value);
  return isPlace ? { value, id } : null;
}

/** Years from 1970 to 5138, which every database knows. */
const MOST_MILLISECONDS = 1e14;

/** Could the sorted column hold it? */
function isOf(sort: Sort, value: number | null): boolean {
  if (value === null) return sort !== "receivedAt" && sort !== "params";
  if (sort === "params") return Number.isSafeInteger(value);
  return sort !== "receivedAt" || (value >= 0 && value < MOST_MILLISECONDS);
}

/** Null: not filtered. */
interface BoardFilters {
  states: readonly (typeof entries.$inferSelect)["state"][];
  archs: readonly string[] | null;
  regs: readonly string[] | null;
  key: string | null;
  device: "cpu" | "cuda" | null;
}

type PageRow = StoredRow & { value: number | Date | null; rank: Uint8Array | null };

/** @param size of the board: later entries wait to be refreshed. */
function filtered(protocol: string, size: number, filters: BoardFilters): SQL[] {
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
 * Up to `limit` rows after the cursor, ties in the order of their ids; rows without the number last in both
 * orders. An index is walked either way, so that a page costs the same wherever it stands.
 */
async function pageRows(
  db: Reader,
  where: readonly SQL[],
  board: RankedOrder,
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

function part(
  db: Reader,
  where: readonly SQL[],
  { sort, order, custom }: RankedOrder,
  limit: number,
) {
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
    .leftJoin(boardRanks, isRanked(sort) ? shownRanks(sort, custom === "ranked") : sql`false`)
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

/** What is known of a board without its rows. */
interface Board {
  version: number;
  logSize: number;
  /** Entries in it. */
  entries: number;
  counts: BoardCounts;
  /** Does it rank custom code where asked? Then it has documents with custom code of its own. */
  ranksCustom: boolean;
}

/** An empty one before anything was refreshed. */
export async function readBoard(db: Reader, protocol: string): Promise<Board> {
  const [found] = await db.select().from(boards).where(eq(boards.protocol, protocol));
  if (!found) return { version: 0, logSize: 0, entries: 0, counts: {}, ranksCustom: false };
  const { version, logSize, entries, counts, edition } = found;
  const ranks = { ranksCustom: ranksCustom(edition) };
  return { version, logSize, entries, counts: JSON.parse(counts) as BoardCounts, ...ranks };
}

/** What is read for one row. */
export interface NamedSameCounts {
  sameCountsAs: string;
  /** On the later row alone. */
  note: Note | null;
}

/**
 * Looked up at every reading: when the first listing of a run that was copied ten thousand times ends, every copy names
 * another one, and no row is stored anew.
 *
 * @param rows as stored.
 */
export async function namedSameCounts(
  db: Reader,
  rows: readonly { id: string; standing: string }[],
): Promise<(id: string) => NamedSameCounts | null> {
  const concerned = rows.filter(hasSameCounts).map(({ id }) => id);
  if (concerned.length === 0) return () => null;
  const ids = sql`(select json_array_elements_text(${JSON.stringify(concerned)}::json))`;
  const sameCounts = await sameCountsOf(db, sql`${runCounts.statement} in ${ids}`);
  const isConcerned = new Set(concerned);
  return (id) => {
    const { copyOf, outclaimedBy } = sameCounts(id);
    const other = copyOf ?? outclaimedBy;
    if (other === null || !isConcerned.has(id)) return null;
    return { sameCountsAs: other.entry, note: copyOf && sameCountsNote(copyOf) };
  };
}

/** Nearly no row: most are not parsed for it. */
function hasSameCounts({ standing }: { standing: string }): boolean {
  if (!/"weighs":false|"same-counts"/.test(standing)) return false;
  const { weighs, disputedFor } = JSON.parse(standing) as SettledStanding;
  return !weighs || disputedFor.includes("same-counts");
}

function sameCountsNote({ entry, isReproduction, isSameConfiguration }: OtherListing): Note {
  const whose = isReproduction ? `a reproduction of ${entry}` : entry;
  const where = isSameConfiguration ? "another configuration or seed" : "another configuration";
  return { kind: "same-counts", text: `the same counts as ${whose}, listed under ${where}`, entry };
}

const representing = alias(entries, "representing");

/** To select; `keyNames` is joined by `signerName`. */
export const rowColumns = {
  id: entries.id,
  key: entries.key,
  name: keyNames.name,
  number: entries.number,
  fixed: entries.fixed,
  standing: entries.standing,
  operatorNotes: entries.operatorNotes,
  representative: entries.representative,
  /** Its id. */
  representativeId: sql<string | null>`(select ${representing.id} from ${entries} ${representing}
    where ${representing.protocol} = ${entries.protocol} and ${representing.number} = ${entries.representative})`,
};

export const signerName = eq(keyNames.key, entries.key);

export interface StoredRow {
  id: string;
  key: string;
  name: string | null;
  number: number;
  fixed: string;
  standing: string;
  operatorNotes: string;
  representative: number | null;
  representativeId: string | null;
}

/** For a row stored before holders were counted, until its first refresh. */
const BEFORE_CHALLENGERS = { challengers: null };

/** For a row stored before there was custom code. */
const BEFORE_CODE = { code: null };

/**
 * @param rank the twelve bytes at the entry's place; null where the column has no ranks.
 * @param sameCounts as `namedSameCounts` tells.
 */
export function boardRow(
  stored: StoredRow,
  rank: Uint8Array | null,
  sameCounts: NamedSameCounts | null,
): BoardRow {
  const fixed = { ...BEFORE_CODE, ...(JSON.parse(stored.fixed) as FixedRow) };
  const isCounted = stored.representative === stored.number;
  const { entry, notes, ...rest } = fixed;
  return {
    entry,
    signer: { key: stored.key, name: stored.name },
    ...rest,
    notes: [
      ...notes,
      ...(sameCounts?.note ? [sameCounts.note] : []),
      ...(JSON.parse(stored.operatorNotes) as Note[]),
    ],
    standing: {
      ...BEFORE_CHALLENGERS,
      ...(JSON.parse(stored.standing) as SettledStanding),
      sameCountsAs: sameCounts?.sameCountsAs ?? null,
    },
    counted: isCounted,
    representedBy: isCounted ? null : stored.representativeId,
    rank: rank?.length === 12 ? readRank(rank) : null,
  };
}
