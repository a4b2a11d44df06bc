/** @file What was taken back: by a retraction that stands, or by its own key's revocation. */

import { eq, type SQL } from "drizzle-orm";
import type { Reader } from "../db.ts";
import { keys, retractions } from "../schema.ts";
import { isVoid } from "./is-void.ts";

/**
 * Who stole a key takes back what its holder signed: once the key is revoked from then on, that counts no more.
 *
 * @param where which retractions.
 * @returns the reason of each statement taken back.
 */
export async function retractionReasons(db: Reader, where: SQL): Promise<Map<string, string>> {
  const { statement, reason, receivedAt, key } = retractions;
  const { revokedFrom, next } = keys;
  const rows = await db
    .select({ statement, reason, receivedAt, signer: { revokedFrom, next } })
    .from(retractions)
    .innerJoin(keys, eq(keys.key, key))
    .where(where);
  const standing = rows.filter(({ signer, receivedAt }) => !isVoid(signer, receivedAt));
  return new Map(standing.map((row) => [row.statement, row.reason]));
}
