/** @file Boards are computed when something changes, not when somebody looks. */

import { and, asc, count, desc, eq, gte, inArray, lt, sql } from "drizzle-orm";
import { protocolId, protocols } from "../../record/protocols.ts";
import { logSize } from "../append-leaf.ts";
import type { Db, Reader, Transaction } from "../db.ts";
import type { BoardChange } from "../project/board-change.ts";
import { boardChanges, boards, entries, isUncounted } from "../schema.ts";
import { type Computing, type RankColumn, WIDTH, eventLoopTurn, computeHere } from "./computing.ts";
import { type RankEdition, dropOtherEditions, rankEdition, storeEdition } from "./rank-editions.ts";
import { STATES, type State } from "../../record/board/standing.ts";
import { DEVICES, type Device } from "../../record/datasets.ts";
import { RANKED, RANK_ORDER, type Ranked } from "../../record/board/board-columns.ts";
import { withSharedRanks } from "../../record/board/board-ranks.ts";
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
 * @param computing in another thread where there is one.
 */
export async function refreshBoards(
  db: Db,
  { rank }: Pick<Computing, "rank"> = computeHere,
): Promise<void> {
  for (let plan = await planned(db, rank); plan !== null; plan = await planned(db, rank)) {
    const current = plan;
    for (const { protocol, ranks } of current.refreshes)
      if (ranks !== null) await storeEdition(db, protocol, ranks);
    await db.transaction((tx) => store(tx, current));
  }
}

/** Null when there is nothing to do. */
async function planned(db: Reader, rank: RankColumn): Promise<Plan | null> {
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
      await boardRefresh({ db, rank }, protocol, board, configurations(waiting, protocol)),
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

/** From here to the end of the transaction nobody else stores what was computed of boards. */
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

async function storeRefresh(
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

/** Of a row, as stored. */
interface RefreshedRow {
  id: string;
  number: number;
  device: Device;
  /** Until now. */
  earlier: State;
  state: State;
  standing: string;
  operatorNotes: string;
  /** Number of the entry that stands for its configuration; null where it is hidden. */
  representative: number | null;
  /** Does another entry stand for it from now on, or none? Then ranks are others, too. */
  isRankMoved: boolean;
}

/** Those alone that differ from what is stored. */
async function refreshedRows(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<RefreshedRow[]> {
  const { id, number, device, state, standing, operatorNotes, representative } = entries;
  const stored = await db
    .select({ id, number, device, state, standing, operatorNotes, representative })
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
    return [{ ...row, ...next, earlier: row.state, isRankMoved }];
  });
}

/** Entries read at a time: few, as PGlite answers nobody else meanwhile. */
const SAMPLES_BATCH = 500;

/** The numbers of all entries of a board, column by column: flat, as there may be very many. */
interface ColumnSamples {
  /** How many entries; by their numbers from 0. */
  size: number;
  /**
   * Mean, variance and count of each, one behind the other; the mean is NaN where it lacks the number, or does not
   * stand for its configuration.
   */
  numbers(column: Ranked): Float64Array;
  /** Of each entry that another one stands for: its number, and the other's. */
  shared: [number: number, representative: number][];
}

/** What is read of an entry never changes, so a server reads each once. */
const known = new WeakMap<Reader, Map<string, GrowingNumbers<Ranked>>>();

function knownOf(db: Reader, protocol: string): GrowingNumbers<Ranked> {
  const boards = known.get(db) ?? new Map<string, GrowingNumbers<Ranked>>();
  const columns = boards.get(protocol) ?? new GrowingNumbers(RANKED, WIDTH);
  boards.set(protocol, columns);
  known.set(db, boards);
  return columns;
}

/** Before there is anything to rank, so that the first write after a start is shown as soon as later ones. */
export async function readAhead(db: Reader): Promise<void> {
  for (const protocol of Object.values(protocols).map(protocolId))
    await readNewEntries(db, protocol, knownOf(db, protocol));
}

/** @param changed representatives that are not stored yet, by entry number. */
async function columnSamples(
  db: Reader,
  protocol: string,
  changed: ReadonlyMap<number, number | null>,
): Promise<ColumnSamples> {
  const columns = knownOf(db, protocol);
  await readNewEntries(db, protocol, columns);
  const { size } = columns;
  const uncounted = (await uncountedEntries(db, protocol, changed)).filter(
    ({ number }) => number < size,
  );
  return {
    size,
    shared: uncounted.flatMap(({ number, representative }) =>
      representative === null ? [] : [[number, representative]],
    ),
    numbers(column) {
      const numbers = columns.copy(column, size);
      for (const { number } of uncounted) numbers[WIDTH * number] = NaN;
      return numbers;
    },
  };
}

/** Numbers have no gaps, so the next batch begins where this one ends. */
async function readNewEntries(
  db: Reader,
  protocol: string,
  columns: GrowingNumbers<Ranked>,
): Promise<void> {
  for (;;) {
    const from = columns.size;
    const batch = await readBatch(db, protocol, from);
    if (columns.size === from)
      for (const row of batch)
        columns.add((name) => [row[`${name}Mean`] ?? NaN, row[`${name}Variance`] ?? NaN, row.runs]);
    if (batch.length < SAMPLES_BATCH) return;
    await eventLoopTurn(); // requests are answered meanwhile
  }
}

function readBatch(db: Reader, protocol: string, from: number) {
  const means = Object.fromEntries(
    RANKED.flatMap((name) =>
      ([`${name}Mean`, `${name}Variance`] as const).map((column) => [column, entries[column]]),
    ),
  ) as Pick<typeof entries, `${Ranked}Mean` | `${Ranked}Variance`>;
  return db
    .select({ runs: entries.runs, ...means })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), gte(entries.number, from)))
    .orderBy(asc(entries.number))
    .limit(SAMPLES_BATCH);
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

/** By state and device, separated by a space; nothing stands for zero. */
export type BoardCounts = Partial<Record<`${State} ${Device}`, number>>;

/** Of the entries of a protocol with the numbers from `from` to below `to`. */
async function countEntries(
  db: Reader,
  protocol: string,
  { from, to }: { from: number; to: number },
): Promise<BoardCounts> {
  const rows = await db
    .select({ state: entries.state, device: entries.device, count: count() })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), gte(entries.number, from), lt(entries.number, to)))
    .groupBy(entries.state, entries.device)
    .orderBy(entries.state, entries.device);
  return Object.fromEntries(rows.map((row) => [`${row.state} ${row.device}`, row.count]));
}

/** Once some of the first `size` entries changed their states: nobody counts all of them again. */
function movedCounts(
  counts: BoardCounts,
  rows: readonly Pick<RefreshedRow, "number" | "device" | "earlier" | "state">[],
  size: number,
): BoardCounts {
  const counted = rows.filter(({ number }) => number < size);
  return counted.reduce(
    (sum, { device, earlier, state }) =>
      addedCounts(addedCounts(sum, { [`${earlier} ${device}`]: -1 }), {
        [`${state} ${device}`]: 1,
      }),
    counts,
  );
}

function addedCounts(counts: BoardCounts, others: BoardCounts): BoardCounts {
  const sum = { ...counts };
  for (const [name, value] of Object.entries(others) as [keyof BoardCounts, number][])
    sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

/** @param device both unless given. */
export function countIn(
  counts: BoardCounts,
  states: readonly State[] = STATES,
  device?: Device,
): number {
  const devices = device === undefined ? DEVICES : [device];
  return states
    .flatMap((state) => devices.map((each) => counts[`${state} ${each}`] ?? 0))
    .reduce((sum, value) => sum + value, 0);
}

const FIRST_ROWS = 1024;

/** Columns of numbers that only grow, each in one piece of memory. */
class GrowingNumbers<Name extends string> {
  /** Rows in each column. */
  size = 0;
  readonly #names: readonly Name[];
  /** Numbers in a row. */
  readonly #width: number;
  #columns: Record<Name, Float64Array>;

  constructor(names: readonly Name[], width: number) {
    this.#names = names;
    this.#width = width;
    this.#columns = this.#allocated(FIRST_ROWS);
  }

  /** @param row of a column: as many numbers as a row has. */
  add(row: (name: Name) => readonly number[]): void {
    const at = this.#width * this.size;
    if (at === this.#columns[this.#names[0]!].length) this.#grow();
    for (const name of this.#names) this.#columns[name].set(row(name), at);
    this.size++;
  }

  /** The first rows of a column, the caller's own. */
  copy(name: Name, rows: number): Float64Array {
    return this.#columns[name].slice(0, this.#width * rows);
  }

  #grow(): void {
    const larger = this.#allocated(2 * this.size);
    for (const name of this.#names) larger[name].set(this.#columns[name]);
    this.#columns = larger;
  }

  #allocated(rows: number): Record<Name, Float64Array> {
    const columns = this.#names.map((name) => [name, new Float64Array(this.#width * rows)]);
    return Object.fromEntries(columns) as Record<Name, Float64Array>;
  }
}
