/** @file Whether a server's key is the one that signed the log it is about to continue. */

import { desc } from "drizzle-orm";
import { formatVerifierKey, openCheckpoint, verifierKey } from "../record/log/checkpoint.ts";
import { publicKeyOf } from "../record/signature/ed25519.ts";
import type { LogKeeper } from "./append-leaf.ts";
import type { Reader } from "./db.ts";
import { HomeError } from "./home/home-error.ts";
import { leaves } from "./schema.ts";

/** Text to check the keeper's checkpoints by: `ORIGIN+KEYID+KEY`. */
export async function verifierKeyOf({ origin, seed }: LogKeeper): Promise<string> {
  return formatVerifierKey(verifierKey(origin, await publicKeyOf(seed)));
}

/**
 * @returns false for a log without leaves: it may still become another's.
 * @throws HomeError when the log in the database was signed by another key, or under another origin.
 */
export async function checkSigner(db: Reader, { origin, seed }: LogKeeper): Promise<boolean> {
  const [last] = await db
    .select({ checkpoint: leaves.checkpoint })
    .from(leaves)
    .orderBy(desc(leaves.index))
    .limit(1);
  if (!last) return false;
  const opened = await openCheckpoint(
    last.checkpoint,
    verifierKey(origin, await publicKeyOf(seed)),
  );
  if (opened.ok) return true;
  const found = last.checkpoint.split("\n")[0];
  throw new HomeError(
    `the log in this database is that of ${found}, signed by another key than this server's (${origin}): ` +
      "nobody who holds a checkpoint would follow it. Set RADEMARK_LOG_SEED and RADEMARK_LOG_ORIGIN to that log's.",
  );
}
