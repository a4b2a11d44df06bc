/** @file The log's lock, for a server that goes on with the log. */

import { lockLog, type LogKeeper } from "./append-leaf.ts";
import type { Transaction } from "./db.ts";
import { checkSigner } from "./log-signer.ts";

/** Whose logs were found to be theirs; a log never changes its key. */
const checked = new WeakSet<LogKeeper>();

/**
 * `lockLog`, and before a process's first leaf the question whether this log is its own. A Worker has no start to ask at,
 * and a leaf under a foreign checkpoint could never be removed.
 *
 * @throws HomeError when the log in the database was signed by another key, or under another origin.
 */
export async function lockOwnLog(tx: Transaction, keeper: LogKeeper): Promise<void> {
  await lockLog(tx);
  if (checked.has(keeper)) return;
  if (await checkSigner(tx, keeper)) checked.add(keeper);
}
