/** @file Rebuilds everything that is computed from the leaves, from the leaves alone. */

import { eq, sql } from "drizzle-orm";
import { allLeaves, lockLog } from "../append-leaf.ts";
import { lockBoards, refreshBoards } from "../board/refresh-boards.ts";
import type { Db, Transaction } from "../db.ts";
import { indexLeaf } from "../project/index-leaf.ts";
import * as schema from "../schema.ts";

/** All tables except those of the log, and except names and quotas, which are not in the log. */
export const INDEX_TABLES = [
  schema.keys,
  schema.challenges,
  schema.customSources,
  schema.entries,
  schema.reproductions,
  schema.retractions,
  schema.moderations,
  schema.runCounts,
  schema.boards,
  schema.boardRanks,
  schema.boardDocuments,
  schema.boardChanges,
];

/**
 * Works in one transaction as the tables' owner; meanwhile others read the old rows, and nobody writes.
 *
 * @returns how many leaves were read.
 */
export function reindex(db: Db): Promise<number> {
  return ownerTransaction(db, async (tx) => {
    await lockLog(tx);
    await lockBoards(tx); // before the rows: a refresh that held this lock and waited for them would be a deadlock
    const versions = await tx.select().from(schema.boards);
    for (const table of INDEX_TABLES) await tx.delete(table);
    let count = 0;
    for await (const leaf of allLeaves(tx)) {
      await indexLeaf(tx, leaf);
      count++;
    }
    await refreshBoards(tx);
    await raiseVersions(tx, versions);
    return count;
  });
}

/** Never uses a version twice, as servers cache pages by it. */
async function raiseVersions(
  tx: Transaction,
  versions: (typeof schema.boards.$inferSelect)[],
): Promise<void> {
  for (const { protocol, version } of versions)
    await tx
      .update(schema.boards)
      .set({ version: sql`${schema.boards.version} + ${version}` })
      .where(eq(schema.boards.protocol, protocol));
}

/** Sessions act as the writer; this transaction acts as the login itself. */
function ownerTransaction<T>(db: Db, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`set local role none`);
    await tx.execute(sql`set local statement_timeout = 0`);
    return work(tx);
  });
}
