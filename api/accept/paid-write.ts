/** @file A request that writes: who pays for it, and the one transaction in which it changes anything. */

import { lockLog } from "../../db/append-leaf.ts";
import type { Db } from "../../db/db.ts";
import type { Home } from "../home.ts";
import { checkQuota, countRequest, quotaOfAddress, quotaOfKey, type Payer } from "../quotas.ts";
import { Refusal } from "../problem.ts";
import type { Acceptance, Accepted } from "./acceptance.ts";

export interface Write {
  home: Home;
  db: Db;
  /** Their quotas have room for this request. */
  payers: readonly Payer[];
}

/**
 * Opens the database for a request. It is paid for whether it is accepted or refused; when the server fails at
 * it (5xx) nothing is counted.
 */
export async function paidWrite<Answer>(
  home: Home,
  work: (write: Write) => Promise<Accepted<Answer>>,
): Promise<Accepted<Answer>> {
  const { db, close } = await home.open("write");
  try {
    const write = { home, db, payers: [] };
    return await paidBy(quotaOfAddress(home.address, home.limits), write, work);
  } finally {
    await close();
  }
}

/** The rest of the request, once it is known by whom it is signed: under the log's lock, all of it or nothing. */
export async function signedWrite<Answer>(
  write: Write,
  key: string,
  work: (acceptance: Acceptance) => Promise<Accepted<Answer>>,
): Promise<Accepted<Answer>> {
  const { home, db } = write;
  const accepted = await paidBy(quotaOfKey(key, home.limits), write, ({ payers }) =>
    db.transaction(async (tx) => {
      await lockLog(tx);
      const at = home.now();
      const accepted = await work({ tx, home, at });
      for (const payer of payers) await countRequest(tx, payer, at);
      return accepted;
    }),
  );
  if (accepted.isNew) home.boardsChanged();
  return accepted;
}

/** Adds a payer; a refusal is charged to it at once, as its transaction, if there was one, is rolled back. */
async function paidBy<Answer>(
  payer: Payer | null,
  { home, db, payers }: Write,
  work: (write: Write) => Promise<Accepted<Answer>>,
): Promise<Accepted<Answer>> {
  if (payer === null) return work({ home, db, payers });
  await checkQuota(db, payer, home.now());
  try {
    return await work({ home, db, payers: [...payers, payer] });
  } catch (error) {
    const isCounted = error instanceof Refusal && error.problem !== "too-many-requests";
    if (isCounted) await countRequest(db, payer, home.now());
    throw error;
  }
}
