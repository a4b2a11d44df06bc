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
  /** The address, whose quota has room for this request; null where the home knows none. */
  payer: Payer | null;
}

/**
 * Opens the database for a request. Its address pays whether it is accepted or refused; when the server fails at
 * it (5xx) nothing is counted.
 */
export async function paidWrite<Answer>(
  home: Home,
  work: (write: Write) => Promise<Accepted<Answer>>,
): Promise<Accepted<Answer>> {
  const { db, close } = await home.open("write");
  try {
    const payer = quotaOfAddress(home.address, home.limits);
    if (payer) await checkQuota(db, payer, home.now());
    return await work({ home, db, payer }).catch(async (error: unknown) => {
      const isCounted = error instanceof Refusal && error.problem !== "too-many-requests";
      if (isCounted && payer) await countRequest(db, payer, home.now());
      throw error;
    });
  } finally {
    await close();
  }
}

/**
 * The rest of the request, once it is known by whom it is signed: under the log's lock, all of it or nothing.
 *
 * The key pays for what is new alone. Envelopes are public: whoever sends another's again, or to where it is
 * refused, must not use up the other's quota.
 */
export async function signedWrite<Answer>(
  { home, db, payer }: Write,
  key: string,
  work: (acceptance: Acceptance) => Promise<Accepted<Answer>>,
): Promise<Accepted<Answer>> {
  const signer = quotaOfKey(key, home.limits);
  await checkQuota(db, signer, home.now());
  const accepted = await db.transaction(async (tx) => {
    await lockLog(tx);
    const at = home.now();
    const accepted = await work({ tx, home, at });
    if (payer) await countRequest(tx, payer, at);
    if (accepted.isNew) await countRequest(tx, signer, at);
    return accepted;
  });
  if (accepted.isNew) home.boardsChanged();
  return accepted;
}
