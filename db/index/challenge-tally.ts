/** @file "k of m challenges completed": those nobody heard of again count as well (trust.md section 3). */

import { and, count, eq, sql } from "drizzle-orm";
import type { Standing } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { challenges, keys } from "../schema.ts";
import { among, placeOf, type ConfigurationName } from "./configurations.ts";

type Tally = Standing["challenges"];
type Signed = ConfigurationName & { key: string };
type Held = ConfigurationName & { holder: string };

const completed = sql<number>`count(*) filter (where ${challenges.outcome} = 'completed')`;
const COUNTS = { issued: count(), completed: completed.mapWith(Number) };

/** Of one configuration, by the key, with those that it replaced or that replaced it, and by anybody. */
export async function challengeTally(
  db: Reader,
  { key, protocol, arch, regs }: Signed & { protocol: string },
): Promise<Tally> {
  const own = db.select({ holder: keys.holder }).from(keys).where(eq(keys.key, key));
  const isOwn = sql<boolean>`${keys.holder} = ${own}`.as("is_own");
  const rows = await db
    .select({ isOwn, ...COUNTS })
    .from(challenges)
    .innerJoin(keys, eq(keys.key, challenges.key))
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
): Promise<(held: Held) => Tally> {
  const { arch, regs } = challenges;
  const { holder } = keys;
  const rows = await db
    .select({ holder, arch, regs, ...COUNTS })
    .from(challenges)
    .innerJoin(keys, eq(keys.key, challenges.key))
    .where(among(challenges, protocol, configurations))
    .groupBy(holder, arch, regs);
  const byConfiguration = Map.groupBy(rows, placeOf);
  const byAnybody = new Map([...byConfiguration].map(([place, own]) => [place, sum(own)]));
  const byHolder = new Map(rows.map((row) => [`${row.holder} ${placeOf(row)}`, sum([row])]));
  return (held) => ({
    byKey: byHolder.get(`${held.holder} ${placeOf(held)}`) ?? sum([]),
    byAnybody: byAnybody.get(placeOf(held)) ?? sum([]),
  });
}

function sum(rows: readonly Tally["byKey"][]): Tally["byKey"] {
  return {
    issued: rows.reduce((total, row) => total + row.issued, 0),
    completed: rows.reduce((total, row) => total + row.completed, 0),
  };
}
