/** @file "k of m challenges completed": those nobody heard of again count as well (trust.md section 3). */

import { and, count, eq, sql } from "drizzle-orm";
import type { Standing } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { challenges } from "../schema.ts";
import { among, type ConfigurationName } from "./configurations.ts";

type Tally = Standing["challenges"];
type Signed = ConfigurationName & { key: string };

const completed = sql<number>`count(*) filter (where ${challenges.outcome} = 'completed')`;
const COUNTS = { issued: count(), completed: completed.mapWith(Number) };

/** Of one configuration, by the key and by anybody. */
export async function challengeTally(
  db: Reader,
  { key, protocol, arch, regs }: Signed & { protocol: string },
): Promise<Tally> {
  const isOwn = sql<boolean>`${challenges.key} = ${key}`.as("is_own");
  const rows = await db
    .select({ isOwn, ...COUNTS })
    .from(challenges)
    .where(
      and(eq(challenges.protocol, protocol), eq(challenges.arch, arch), eq(challenges.regs, regs)),
    )
    .groupBy(isOwn);
  return { byKey: sum(rows.filter((row) => row.isOwn)), byAnybody: sum(rows) };
}

/** The same of many configurations at once. */
export async function challengeTallies(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<(signed: Signed) => Tally> {
  const { key, arch, regs } = challenges;
  const rows = await db
    .select({ key, arch, regs, ...COUNTS })
    .from(challenges)
    .where(among(challenges, protocol, configurations))
    .groupBy(key, arch, regs);
  const byConfiguration = Map.groupBy(rows, placeOf);
  const byAnybody = new Map([...byConfiguration].map(([place, own]) => [place, sum(own)]));
  const byKey = new Map(rows.map((row) => [`${row.key} ${placeOf(row)}`, sum([row])]));
  return (signed) => ({
    byKey: byKey.get(`${signed.key} ${placeOf(signed)}`) ?? sum([]),
    byAnybody: byAnybody.get(placeOf(signed)) ?? sum([]),
  });
}

/** Canonical names hold no spaces. */
function placeOf({ arch, regs }: ConfigurationName): string {
  return `${arch} ${regs}`;
}

function sum(rows: readonly Tally["byKey"][]): Tally["byKey"] {
  return {
    issued: rows.reduce((total, row) => total + row.issued, 0),
    completed: rows.reduce((total, row) => total + row.completed, 0),
  };
}
