/** @file "k of m challenges completed": those nobody heard of again count as well (trust.md section 3). */

import { and, count, eq, sql } from "drizzle-orm";
import type { Standing } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { challenges } from "../schema.ts";

/** Of one configuration, by the key and by anybody. */
export async function challengeTally(
  db: Reader,
  { key, protocol, arch, regs }: { key: string; protocol: string; arch: string; regs: string },
): Promise<Standing["challenges"]> {
  const isOwn = sql`${challenges.key} = ${key}`;
  const isCompleted = sql`${challenges.outcome} = 'completed'`;
  const tally = (condition: ReturnType<typeof sql>) =>
    sql<number>`count(*) filter (where ${condition})`.mapWith(Number);
  const [found] = await db
    .select({
      issued: count(),
      completed: tally(isCompleted),
      ownIssued: tally(isOwn),
      ownCompleted: tally(sql`${isOwn} and ${isCompleted}`),
    })
    .from(challenges)
    .where(
      and(eq(challenges.protocol, protocol), eq(challenges.arch, arch), eq(challenges.regs, regs)),
    );
  const { issued, completed, ownIssued, ownCompleted } = found!;
  return {
    byKey: { issued: ownIssued, completed: ownCompleted },
    byAnybody: { issued, completed },
  };
}
