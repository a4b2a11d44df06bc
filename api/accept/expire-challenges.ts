/** @file Challenges that nobody met in time end in public, too. */

import { and, asc, isNull, lte } from "drizzle-orm";
import type { Db } from "../../db/db.ts";
import { lockOwnLog } from "../../db/append-leaf.ts";
import { challenges } from "../../db/schema.ts";
import { appendOutcome } from "./acceptance.ts";
import type { Home } from "../home.ts";
import { forgetQuotas } from "./paid-write.ts";

/** In one transaction: submissions wait no longer than for this many. */
const AT_ONCE = 50;

/**
 * Logs the outcome `expired` of every challenge whose time is over. For a timer, a Worker's cron, and whoever meets one.
 */
export async function expireChallenges(home: Home): Promise<void> {
  const { db, close } = await home.open("write");
  try {
    let total = 0;
    for (let expired = AT_ONCE; expired === AT_ONCE; total += expired)
      expired = await expireSome(db, home);
    if (total > 0) home.boardsChanged();
  } finally {
    await close();
  }
}

function expireSome(db: Db, home: Home): Promise<number> {
  return db.transaction(async (tx) => {
    await lockOwnLog(tx, home.keeper);
    const at = home.now();
    const over = await tx
      .select({ id: challenges.id })
      .from(challenges)
      .where(and(isNull(challenges.outcome), lte(challenges.expiresAt, at)))
      .orderBy(asc(challenges.expiresAt), asc(challenges.leaf))
      .limit(AT_ONCE);
    for (const { id } of over) {
      const outcome = { outcome: "expired", statement: null, reason: null } as const;
      await appendOutcome({ tx, home, at }, { challenge: id, ...outcome });
    }
    return over.length;
  });
}

/** Each part whether the others fail or not; boards as well, as a refresh that failed is not asked for again. */
export async function upkeep(home: Home, report: (error: unknown) => void): Promise<void> {
  await expireChallenges(home).catch(report);
  await forgetQuotas(home).catch(report);
  home.boardsChanged();
}
