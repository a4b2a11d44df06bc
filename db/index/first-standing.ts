/** @file Where an entry stands the moment it is accepted: what `standingOf` says, with most questions spared. */

import { eq } from "drizzle-orm";
import { type SettledStanding, disputesOf, stateOf } from "../../record/board/standing.ts";
import type { Result } from "../../record/statement/statements.ts";
import type { Reader } from "../db.ts";
import { runCounts } from "../schema.ts";
import { challengeTally } from "./challenge-tally.ts";
import { sameCountsOf } from "./same-counts.ts";

/** No statement can have spoken of it yet; others may have its counts. */
export async function firstStanding(
  db: Reader,
  id: string,
  result: Result,
): Promise<SettledStanding> {
  const { copyOf, outclaimedBy } = (await sameCountsOf(db, eq(runCounts.statement, id)))(id);
  const reproductions = { agree: 0, disagree: 0, inconclusive: 0 };
  const deciding = {
    isChallenged: result.challenge !== null,
    reproductions,
    supersededBy: null,
    isRetracted: false,
    isQuarantined: false,
    isOutclaimed: outclaimedBy !== null,
  };
  return {
    state: stateOf(deciding),
    reproductions,
    selfReproduced: false,
    ...(await challengeTally(db, result)),
    reason: null,
    supersededBy: null,
    disputedFor: disputesOf(deciding),
    weighs: copyOf === null,
  };
}
