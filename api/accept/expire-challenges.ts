/** @file Challenges that nobody met in time end in public, too. */

import { and, asc, isNull, lte } from "drizzle-orm";
import type { Db } from "../../db/db.ts";
import { lockOwnLog } from "../../db/append-leaf.ts";
import { challenges } from "../../db/schema.ts";
import { appendOutcome } from "./acceptance.ts";
import type { Deployment } from "../deployment.ts";
import { forgetQuotas } from "./paid-write.ts";

/** Challenges that expire in one transaction: submissions wait for no more than these. */
const AT_ONCE = 50;

/**
 * Logs the outcome `expired` of every challenge whose time is over. Called by a timer, by a Worker's cron, and when a
 * statement names such a challenge.
 */
export async function expireChallenges(deployment: Deployment): Promise<void> {
  const { db, close } = await deployment.open("write");
  try {
    let total = 0;
    for (let expired = AT_ONCE; expired === AT_ONCE; total += expired)
      expired = await expireSome(db, deployment);
    if (total > 0) deployment.boardsChanged();
  } finally {
    await close();
  }
}

function expireSome(db: Db, deployment: Deployment): Promise<number> {
  return db.transaction(async (tx) => {
    await lockOwnLog(tx, deployment.keeper);
    const at = deployment.now();
    const over = await tx
      .select({ id: challenges.id })
      .from(challenges)
      .where(and(isNull(challenges.outcome), lte(challenges.expiresAt, at)))
      .orderBy(asc(challenges.expiresAt), asc(challenges.leaf))
      .limit(AT_ONCE);
    for (const { id } of over) {
      const outcome = { outcome: "expired", statement: null, reason: null } as const;
      await appendOutcome({ tx, deployment, at }, { challenge: id, ...outcome });
    }
    return over.length;
  });
}

/** Does each part even if others fail. Boards are refreshed, too, as a refresh that failed is not asked for again. */
export async function upkeep(
  deployment: Deployment,
  report: (error: unknown) => void,
): Promise<void> {
  await expireChallenges(deployment).catch(report);
  await forgetQuotas(deployment).catch(report);
  deployment.boardsChanged();
}
