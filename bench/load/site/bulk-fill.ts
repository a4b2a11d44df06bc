/** @file Thousands of made-up entries, written where the server's own code writes them, without a request each. */

import type { Db, Transaction } from "../../../db/db.ts";
import { type LogKeeper, appendLeaf, lockLog } from "../../../db/append-leaf.ts";
import { indexLeaf } from "../../../db/project/index-leaf.ts";
import { bodyBytes } from "../../../db/project/leaf-body.ts";
import { openDatabase, openKeeper } from "../../../api/node/open-database.ts";
import { readSettings } from "../../../api/server-settings.ts";
import { refreshBoards } from "../../../db/board/refresh-boards.ts";
import { decodeBase64 } from "../../../record/signature/base64.ts";
import { statementId } from "../../../record/statement/statements.ts";
import { type Holder, loadHolders, measured } from "../submissions.ts";

const BATCH = 100;

/**
 * Entries that ran the panel alone, by keys that the server knows already; it must not run meanwhile.
 *
 * @param told after each batch, the number of the next entry.
 */
export async function bulkFill(
  folder: string,
  { from, to, keys }: { from: number; to: number; keys: number },
  told: (next: number) => void,
): Promise<void> {
  const settings = readSettings({});
  const report = (error: unknown) => process.stderr.write(`${String(error)}\n`);
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    const keeper = await openKeeper(settings, folder, db);
    const holders = await loadHolders(keys);
    for (let next = from; next < to; next += BATCH) {
      await writeBatch(db, keeper, holders, [next, Math.min(to, next + BATCH)]);
      told(next);
    }
    await refreshBoards(db);
  } finally {
    await close();
  }
}

async function writeBatch(
  db: Db,
  keeper: LogKeeper,
  holders: readonly Holder[],
  [from, to]: readonly [number, number],
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockLog(tx);
    for (let i = from; i < to; i++) await writeEntry(tx, keeper, holders[i % holders.length]!, i);
  });
}

async function writeEntry(tx: Transaction, keeper: LogKeeper, holder: Holder, i: number) {
  const envelope = await measured(holder, i, null);
  const digest = statementId(decodeBase64(envelope.payload)!);
  const body = bodyBytes(envelope);
  await indexLeaf(
    tx,
    await appendLeaf(tx, keeper, { kind: "result", digest, body, at: new Date() }),
  );
}
