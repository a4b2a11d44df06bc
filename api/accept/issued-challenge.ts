/** @file A challenge as it was issued, with its row. */

import { eq } from "drizzle-orm";
import type { Reader } from "../../db/db.ts";
import { challengeIn, statementOf } from "../../db/index/leaf-body.ts";
import { challenges, leaves } from "../../db/schema.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";

export interface StoredChallenge {
  row: typeof challenges.$inferSelect;
  issued: IssuedChallenge;
}

/** Null when none was issued under the id. */
export async function issuedChallenge(db: Reader, id: string): Promise<StoredChallenge | null> {
  const [found] = await db
    .select({ row: challenges, body: leaves.body })
    .from(challenges)
    .innerJoin(leaves, eq(leaves.index, challenges.leaf))
    .where(eq(challenges.id, id));
  if (!found) return null;
  const { challenge, envelope } = challengeIn(found);
  const commitment = statementOf("commitment", envelope);
  return { row: found.row, issued: { id, nonce: challenge.nonce, commitment } };
}
