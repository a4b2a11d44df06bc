/** @file Boards are computed when something changes, not when somebody looks. */

import { asc, inArray, sql } from "drizzle-orm";
import { protocolId, protocols } from "../../record/protocols.ts";
import { logSize } from "../append-leaf.ts";
import type { Db, Reader, Transaction } from "../db.ts";
import type { BoardChange } from "../index/board-change.ts";
import { boardChanges, boards } from "../schema.ts";
import { boardRefresh, storeRefresh, type BoardRefresh } from "./board-refresh.ts";
import { computeHere, type Computing } from "./computing.ts";
import type { RankColumn } from "./rank-column.ts";
import { storeEdition } from "./rank-editions.ts";

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
