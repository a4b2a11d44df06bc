/** @file Boards are computed when something changes, not when somebody looks. */

import { and, asc, count, desc, eq, gte, inArray, lt, sql } from "drizzle-orm";
import { protocolId, protocols } from "../../record/protocols.ts";
import { logSize } from "../append-leaf.ts";
import { type Db, type Reader, type Transaction, eventLoopTurn } from "../db.ts";
import type { BoardChange } from "../project/board-change.ts";
import {
  boardChanges,
  boardRanks,
  boards,
  entries,
  hasCustomCode,
  isUncounted,
} from "../schema.ts";
import { type RankEdition, dropOtherEditions, rankEdition, storeEdition } from "./rank-editions.ts";
import { STATES, type State } from "../../record/board/standing.ts";
import { DEVICES, type Device } from "../../record/datasets.ts";
import { RANKED, RANK_ORDER, type Ranked } from "../../record/board/board-columns.ts";
import {
  type RankedColumn,
  SAMPLE_WIDTH,
  columnRanks,
  withSharedRanks,
} from "../../record/board/board-ranks.ts";
import { type ConfigurationName, among, standingsOf } from "../project/standings.ts";

/** Changes worked off at a time. */
const BATCH = 10_000;

/** "boards" in ASCII, as the number of an advisory lock. */
const REFRESHING = sql`x'626f61726473'::bigint`;

interface Plan {
  /** Leaves of the log when it was begun: what came since has changes of its own waiting. */
  logSize: number;
  versions: ReadonlyMap<string, number>;
  changes: number[];
  refreshes: BoardRefresh[];
}

/**
 * Brings every board up to the log: standings of the configurations concerned, ranks, counts.
 *
 * The numbers are computed outside any transaction, as that can take a second, and shown by one. Whoever else
 * refreshed meanwhile wins, and the changes left are looked at again. The same leaves give the same boards.
 *
 * @param rank computes ranks, in another thread where there is one.
 */
export async function refreshBoards(db: Db, rank: RankColumns = rankHere): Promise<void> {
  for (let plan = await planned(db, rank); plan !== null; plan = await planned(db, rank)) {
    const current = plan;
    for (const { protocol, ranks } of current.refreshes)
      if (ranks !== null) await storeEdition(db, protocol, ranks);
    await db.transaction((tx) => store(tx, current));
  }
}

/** Ranks all columns of a board: 10,000 entries take some tenths of a second. @returns as `rankBytes`, in their order. */
export type RankColumns = (columns: readonly RankedColumn[]) => Promise<Uint8Array[]>;

/** In this thread; requests are answered between two columns. */
async function rankHere(columns: readonly RankedColumn[]): Promise<Uint8Array[]> {
  const ranks: Uint8Array[] = [];
  for (const column of columns) {
    ranks.push(columnRanks(column));
    await eventLoopTurn();
  }
  return ranks;
}

/** Null when there is nothing to do. */
async function planned(db: Reader, rank: RankColumns): Promise<Plan | null> {
  const size = await logSize(db);
  const stored = await db.select().from(boards);
  const waiting = await db.select().from(boardChanges).orderBy(asc(boardChanges.id)).limit(BATCH);
  const published = Object.values(protocols).map(protocolId);
  const behind = published.some(
    (id) => stored.find(({ protocol }) => protocol === id)?.logSize !== size,
  );
  if (waiting.length === 0 && !behind) return null;
  const refreshes: BoardRefresh[] = [];
  for (const protocol of new Set([...published, ...waiting.map((each) => each.protocol)])) {
    const board = stored.find((each) => each.protocol === protocol) ?? null;
    refreshes.push(
      await boardRefresh(db, rank, protocol, board, configurations(waiting, protocol)),
    );
  }
  const versions = new Map(stored.map(({ protocol, version }) => [protocol, version]));
  return { logSize: size, versions, changes: waiting.map(({ id }) => id), refreshes };
}

function configurations(changes: readonly BoardChange[], protocol: string): BoardChange[] {
  const own = changes.filter((change) => change.protocol === protocol);
  const distinct = new Map(own.map((change) => [`${change.arch} ${change.regs}`, change]));
  return [...distinct.values()];
}

function isUnchanged({ rows, ranks }: BoardRefresh): boolean {
  return rows.length === 0 && ranks === null;
}

/** Until the end of the transaction nobody else can store what was computed for boards. */
export async function lockBoards(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${REFRESHING})`);
}

async function store(tx: Transaction, plan: Plan): Promise<void> {
  await lockBoards(tx);
  const { protocol, version } = boards;
  const stored = await tx.select({ protocol, version }).from(boards);
  const isOvertaken =
    stored.length !== plan.versions.size ||
    stored.some((board) => plan.versions.get(board.protocol) !== board.version);
  if (isOvertaken) return;
  const unchanged = plan.refreshes.filter(isUnchanged).map((refresh) => refresh.protocol);
  if (unchanged.length > 0)
    await tx
      .update(boards)
      .set({ logSize: plan.logSize, version: sql`${version} + 1` })
      .where(inArray(protocol, unchanged));
  for (const refresh of plan.refreshes)
    if (!isUnchanged(refresh)) await storeRefresh(tx, refresh, plan.logSize);
  if (plan.changes.length > 0)
    await tx.delete(boardChanges).where(inArray(boardChanges.id, plan.changes));
}

type StoredBoard = typeof boards.$inferSelect;

/** One board's refresh: computed first, then stored. */
interface BoardRefresh {
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
async function boardRefresh(
  db: Reader,
  rank: RankColumns,
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
  const size = await entryCount(db, protocol);
  const isRankMoved = isNew || rows.some((row) => row.isRankMoved);
  if (!isRankMoved && size === board.entries)
    return { protocol, rows, entries: board.entries, ranks: null };
  return { protocol, rows, entries: size, ranks: await ranksOf(db, rank, protocol, size, rows) };
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

async function storeRefresh(
  tx: Transaction,
  { protocol, rows, entries: size, ranks }: BoardRefresh,
  logSize: number,
): Promise<void> {
  for (let start = 0; start < rows.length; start += AT_ONCE)
    await storeRows(tx, rows.slice(start, start + AT_ONCE));
  const [stored] = await tx.select().from(boards).where(eq(boards.protocol, protocol));
  const board = {
    protocol,
    version: (stored?.version ?? 0) + 1,
    logSize,
    entries: size,
    counts: JSON.stringify(await countEntries(tx, protocol, size)),
    edition: (ranks?.name ?? stored?.edition)!, // a new board is ranked
  };
  await tx.insert(boards).values(board).onConflictDoUpdate({ target: boards.protocol, set: board });
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

/** What a refresh stores of a row. */
interface RefreshedRow {
  id: string;
  number: number;
  state: State;
  standing: string;
  operatorNotes: string;
  /** Number of the entry that stands for its configuration; null where it is hidden. */
  representative: number | null;
  /** Does another entry stand for it from now on, or none? Then ranks change, too. */
  isRankMoved: boolean;
}

/** Only those that differ from what is stored. */
async function refreshedRows(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<RefreshedRow[]> {
  const { id, number, standing, operatorNotes, representative } = entries;
  const stored = await db
    .select({ id, number, standing, operatorNotes, representative })
    .from(entries)
    .where(among(entries, protocol, configurations))
    .orderBy(asc(entries.number));
  const told = await standingsOf(db, protocol, configurations);
  const numbers = new Map(stored.map((row) => [row.id, row.number]));
  return stored.flatMap((row) => {
    const now = told.get(row.id)!;
    const next = {
      state: now.standing.state,
      standing: JSON.stringify(now.standing),
      operatorNotes: JSON.stringify(now.operatorNotes),
      representative: now.representative === null ? null : numbers.get(now.representative)!,
    };
    const isRankMoved = next.representative !== row.representative;
    const isTold = next.standing === row.standing && next.operatorNotes === row.operatorNotes;
    if (isTold && !isRankMoved) return [];
    return [{ id: row.id, number: row.number, ...next, isRankMoved }];
  });
}

/** Ranks of a board's first `size` entries in each column. @param rows refreshed, and not stored yet. */
async function ranksOf(
  db: Reader,
  rank: RankColumns,
  protocol: string,
  size: number,
  rows: readonly RefreshedRow[],
): Promise<RankEdition> {
  const changed = new Map(rows.map((row) => [row.number, row.representative]));
  const uncounted = (await uncountedEntries(db, protocol, changed)).filter(
    ({ number }) => number < size,
  );
  const shared = uncounted.flatMap(({ number, representative }) =>
    representative === null ? [] : [[number, representative] as const],
  );
  const numbers = await columnNumbers(db, protocol, size);
  const ranksWithout = async (left: readonly number[]) => {
    for (const number of left)
      for (const name of RANKED) numbers[name][SAMPLE_WIDTH * number] = NaN;
    const ranks = await rank(
      // a thread is given the numbers that it ranks
      RANKED.map((name) => ({ numbers: numbers[name].slice(), order: RANK_ORDER[name] })),
    );
    return new Map(RANKED.map((name, i) => [name, withSharedRanks(ranks[i]!, shared)]));
  };
  const aside = uncounted.map(({ number }) => number);
  const custom = await customEntries(db, protocol, size);
  const isRanked = custom.some((number) => !aside.includes(number));
  const withCustom = isRanked ? await ranksWithout(aside) : null;
  return rankEdition(await ranksWithout([...aside, ...custom]), withCustom);
}

/** Numbers of the entries with custom code, among the first `size`. */
async function customEntries(db: Reader, protocol: string, size: number): Promise<number[]> {
  const found = await db
    .select({ number: entries.number })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), lt(entries.number, size), hasCustomCode));
  return found.map(({ number }) => number);
}

/** Entries read at a time: few, as PGlite answers nobody else meanwhile. */
const SAMPLES_BATCH = 1000;

/** The numbers of every `RankedColumn`, for the first `size` entries, which are numbered without gaps. */
async function columnNumbers(
  db: Reader,
  protocol: string,
  size: number,
): Promise<Record<Ranked, Float64Array<ArrayBuffer>>> {
  const columns = Object.fromEntries(
    RANKED.map((name) => [name, new Float64Array(SAMPLE_WIDTH * size)]),
  ) as Record<Ranked, Float64Array<ArrayBuffer>>;
  for (let from = 0; from < size; from += SAMPLES_BATCH) {
    if (from > 0) await eventLoopTurn();
    const batch = await readPacked(db, protocol, from, Math.min(size, from + SAMPLES_BATCH));
    for (const name of RANKED) {
      const { buffer, byteOffset, byteLength } = batch[name];
      const bytes = new DataView(buffer, byteOffset, byteLength);
      for (let i = 0; i < byteLength / 8; i++)
        columns[name][SAMPLE_WIDTH * from + i] = bytes.getFloat64(8 * i);
    }
  }
  return columns;
}

/** The database packs them into big-endian doubles: read as rows, 10,000 entries take a third of a second. */
async function readPacked(
  db: Reader,
  protocol: string,
  from: number,
  to: number,
): Promise<Record<Ranked, Uint8Array>> {
  const { number, runs } = entries;
  const packed = RANKED.map((name) => {
    const [mean, variance] = [entries[`${name}Mean`], entries[`${name}Variance`]];
    const sample = sql`float8send(coalesce(${mean}, 'NaN')) || float8send(coalesce(${variance}, 'NaN'))
      || float8send(${runs})`;
    const all = sql`string_agg(${sample}, ''::bytea order by ${number})`;
    return [name, all.mapWith(boardRanks.ranks)] as const;
  });
  const [found] = await db
    .select(Object.fromEntries(packed))
    .from(entries)
    .where(and(eq(entries.protocol, protocol), gte(number, from), lt(number, to)));
  return found as Record<Ranked, Uint8Array>;
}

/** Those that do not stand for their configurations: hidden ones, and those that another one stands for. */
async function uncountedEntries(
  db: Reader,
  protocol: string,
  changed: ReadonlyMap<number, number | null>,
): Promise<{ number: number; representative: number | null }[]> {
  const { number, representative } = entries;
  const stored = await db
    .select({ number, representative })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), isUncounted(entries)));
  const now = Array.from(changed, ([number, representative]) => ({ number, representative }));
  return [
    ...stored.filter((each) => !changed.has(each.number)),
    ...now.filter((each) => each.representative !== each.number),
  ];
}

/** By state and device, separated by a space, and apart from these with custom code; nothing stands for zero. */
export type BoardCounts = Partial<
  Record<`${State} ${Device}` | `${State} ${Device} custom`, number>
>;

/** Counts the first `size` entries of a protocol. */
async function countEntries(db: Reader, protocol: string, size: number): Promise<BoardCounts> {
  const { state, device, number } = entries;
  const rows = await db
    .select({ state, device, isCustom: hasCustomCode, count: count() })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), lt(number, size)))
    .groupBy(state, device, hasCustomCode)
    .orderBy(state, device, hasCustomCode);
  return Object.fromEntries(
    rows.map((row) => [`${row.state} ${row.device}${row.isCustom ? " custom" : ""}`, row.count]),
  );
}

/** @param device both unless given. @param withCustom entries with custom code as well. */
export function countIn(
  counts: BoardCounts,
  states: readonly State[] = STATES,
  device?: Device,
  withCustom = true,
): number {
  const devices = device === undefined ? DEVICES : [device];
  return states
    .flatMap((state) => devices.map((each) => `${state} ${each}` as const))
    .flatMap((each) => [counts[each], withCustom ? counts[`${each} custom`] : 0])
    .reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
