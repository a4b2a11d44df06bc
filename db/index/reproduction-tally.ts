/** @file What other keys' reproductions say of an entry. */

import { asc, eq } from "drizzle-orm";
import type { Standing } from "../../record/board/standing.ts";
import type { Verdict } from "../../record/statement/reproduction.ts";
import type { Reader } from "../db.ts";
import { keys, reproductions } from "../schema.ts";
import { isVoid } from "./is-void.ts";
import { isSameHolder } from "./successors-of.ts";

/** Each other key's latest that stands; nothing retracted, nothing received after its key's revocation. */
export async function reproductionTally(
  db: Reader,
  entry: { id: string; key: string },
): Promise<Pick<Standing, "reproductions" | "selfReproduced">> {
  const rows = await db
    .select({
      key: reproductions.key,
      verdict: reproductions.verdict,
      retracted: reproductions.retracted,
      receivedAt: reproductions.receivedAt,
      signer: { revokedFrom: keys.revokedFrom, next: keys.next },
    })
    .from(reproductions)
    .innerJoin(keys, eq(keys.key, reproductions.key))
    .where(eq(reproductions.entry, entry.id))
    .orderBy(asc(reproductions.leaf));
  const verdicts = new Map<string, Verdict>();
  for (const { key, verdict, retracted, receivedAt, signer } of rows)
    if (!retracted && !isVoid(signer, receivedAt)) verdicts.set(key, verdict);
  const tally = { agree: 0, disagree: 0, inconclusive: 0 };
  let selfReproduced = false;
  for (const [key, verdict] of verdicts) {
    if (await isSameHolder(db, entry.key, key)) selfReproduced = true;
    else tally[verdict] += 1;
  }
  return { reproductions: tally, selfReproduced };
}
