/** @file A request that writes: who pays for it, and the one transaction in which it changes anything. */

import type { Db } from "../../db/db.ts";
import { lockOwnLog } from "../../db/append-leaf.ts";
import type { Home } from "../home.ts";
import {
  type Payer,
  UsedUp,
  checkQuota,
  countRequest,
  quotaOfAddress,
  quotaOfKey,
} from "../quotas.ts";
import { Refusal } from "../problem.ts";
import type { Acceptance, Accepted } from "./acceptance.ts";

/** What a body asks for, once everything was checked that needs no database. */
export interface SignedWrite<Answer> {
  /** That signed it. */
  key: string;
  accept: (acceptance: Acceptance) => Promise<Accepted<Answer>>;
}

/**
 * Holds a connection no sooner than the request is read: a slow sender keeps none from others.
 *
 * The address pays whether the request is accepted or refused, also for what a key has no room for: envelopes are
 * public, and each costs its expansion and a signature. When the server fails at it (5xx) nothing is counted.
 *
 * @param read throws a Refusal for what is wrong with the request by itself.
 */
export async function paidWrite<Answer>(
  home: Home,
  read: () => Promise<SignedWrite<Answer>>,
): Promise<Accepted<Answer>> {
  const payer = quotaOfAddress(home.address, home.limits);
  if (payer) await checkBeforehand(home, payer);
  const asked = await read().catch(refusalIn);
  const { db, close } = await home.open("write");
  try {
    if (asked instanceof Refusal) throw asked;
    return await signedWrite({ home, db, payer }, asked);
  } catch (error) {
    if (payer && isPaidFor(error, payer)) await countRequest(db, payer, home.now());
    throw error;
  } finally {
    await close();
  }
}

/** Nobody pays for hearing that they have no room: their count would never end. */
function isPaidFor(error: unknown, payer: Payer): boolean {
  if (error instanceof UsedUp) return error.subject !== payer.subject;
  return error instanceof Refusal;
}

/** As a read: on Workers that is one HTTP request. What is refused here is not even read. */
async function checkBeforehand(home: Home, payer: Payer): Promise<void> {
  const { db, close } = await home.open("read");
  await checkQuota(db, payer, home.now()).finally(close);
}

function refusalIn(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

interface Write {
  home: Home;
  db: Db;
  /** The address, whose quota had room for this request; null where the home knows none. */
  payer: Payer | null;
}

/**
 * Under the log's lock, all of it or nothing.
 *
 * The key pays for what is new alone, once it is accepted. Envelopes are public: whoever sends another's again, or to
 * where it is refused, must not use up the other's quota; and what was accepted has its receipt, with room or without.
 */
async function signedWrite<Answer>(
  { home, db, payer }: Write,
  { key, accept }: SignedWrite<Answer>,
): Promise<Accepted<Answer>> {
  const signer = quotaOfKey(key, home.limits);
  const accepted = await db.transaction(async (tx) => {
    await lockOwnLog(tx, home.keeper);
    const at = home.now();
    const accepted = await accept({ tx, home, at });
    if (payer) await countRequest(tx, payer, at);
    if (accepted.isNew) await countRequest(tx, signer, at);
    return accepted;
  });
  if (accepted.isNew) home.boardsChanged();
  return accepted;
}
