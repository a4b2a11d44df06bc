/** @file A challenge with its commitment, its outcome and its receipt, as everybody may see it. */

import { eq } from "drizzle-orm";
import { receiptOf } from "../../db/append-leaf.ts";
import type { Reader } from "../../db/db.ts";
import { challengeIn, outcomeIn, statementOf } from "../../db/index/leaf-body.ts";
import { challenges, leaves } from "../../db/schema.ts";
import type { ChallengeDocument } from "../../record/documents/challenge-document.ts";

/** Null when none was issued under the id. */
export async function storedChallenge(db: Reader, id: string): Promise<ChallengeDocument | null> {
  const [found] = await db
    .select({ leaf: leaves, outcomeLeaf: challenges.outcomeLeaf })
    .from(challenges)
    .innerJoin(leaves, eq(leaves.index, challenges.leaf))
    .where(eq(challenges.id, id));
  if (!found) return null;
  const { leaf, outcomeLeaf } = found;
  const { challenge, envelope } = challengeIn(leaf);
  const commitment = statementOf("commitment", envelope);
  const outcome = outcomeLeaf === null ? null : await outcomeAt(db, outcomeLeaf);
  return { challenge, commitment, envelope, outcome, receipt: receiptOf(id, leaf) };
}

async function outcomeAt(db: Reader, index: number) {
  const [leaf] = await db.select().from(leaves).where(eq(leaves.index, index));
  return outcomeIn(leaf!);
}
