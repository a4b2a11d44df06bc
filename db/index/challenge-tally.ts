/** @file "k of m challenges completed": those nobody heard of again count as well (trust.md section 3). */

import { and, count, eq, min, sql } from "drizzle-orm";
import { MOST_CHALLENGERS, type Challenger, type Standing } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { challenges, keys } from "../schema.ts";
import { among, placeOf, type ConfigurationName } from "./configurations.ts";

type Tally = Pick<Standing, "challenges"> & { challengers: NonNullable<Standing["challengers"]> };
type Held = ConfigurationName & { holder: string };

/** Of one configuration, by the holder of the key and by anybody. */
export async function challengeTally(
  db: Reader,
  { key, protocol, arch, regs }: ConfigurationName & { key: string; protocol: string },
): Promise<Tally> {
  const [own] = await db.select({ holder: keys.holder }).from(keys).where(eq(keys.key, key));
  const tally = await challengeTallies(db, protocol, [{ arch, regs }]);
  return tally({ holder: own?.holder ?? key, arch, regs });
}

/** The same of many configurations at once. */
export async function challengeTallies(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<(held: Held) => Tally> {
  const rows = await challengersOf(db, protocol, configurations);
  const everybody = new Map(
    [...Map.groupBy(rows, placeOf)].map(([place, own]) => [place, everybodyOf(own)]),
  );
  return (held) => tallyOf(held.holder, everybody.get(placeOf(held)) ?? everybodyOf([]));
}

/** Whoever was issued most comes first, of those who came first: an order that no clock moves. */
export async function challengersOf(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<(Challenger & ConfigurationName)[]> {
  const { arch, regs } = challenges;
  const issued = count();
  const rows = await db
    .select({
      ...{ arch, regs, key: keys.holder, issued },
      completed: ended("completed"),
      failed: ended("failed"),
      expired: ended("expired"),
    })
    .from(challenges)
    .innerJoin(keys, eq(keys.key, challenges.key))
    .where(and(among(challenges, protocol, configurations)))
    .groupBy(keys.holder, arch, regs)
    .orderBy(sql`${issued} desc`, min(challenges.leaf));
  return rows;
}

function ended(outcome: NonNullable<(typeof challenges.$inferSelect)["outcome"]>) {
  return sql<number>`count(*) filter (where ${challenges.outcome} = ${outcome})`.mapWith(Number);
}

interface Everybody {
  byHolder: ReadonlyMap<string, Challenger>;
  sum: Sum;
  /** One more than a row shows, as its own holder comes first. */
  first: Challenger[];
}
type Sum = Omit<Challenger, "key">;

/** Once for each configuration, however many entries it has. */
function everybodyOf(challengers: readonly Challenger[]): Everybody {
  const first = challengers.slice(0, MOST_CHALLENGERS + 1).map(challengerOf);
  return {
    byHolder: new Map(challengers.map((each) => [each.key, challengerOf(each)])),
    sum: challengers.reduce(added, NONE),
    first,
  };
}

const NONE: Sum = { issued: 0, completed: 0, failed: 0, expired: 0 };

function added(a: Sum, b: Sum): Sum {
  return {
    issued: a.issued + b.issued,
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    expired: a.expired + b.expired,
  };
}

function challengerOf({ key, issued, completed, failed, expired }: Challenger): Challenger {
  return { key, issued, completed, failed, expired };
}

function tallyOf(holder: string, { byHolder, sum, first }: Everybody): Tally {
  const own = byHolder.get(holder);
  const others = first.filter(({ key }) => key !== holder);
  return {
    challenges: { byKey: issuedOf(own ?? NONE), byAnybody: issuedOf(sum) },
    challengers: {
      holders: byHolder.size,
      abandoned: { byKey: abandonedOf(own ?? NONE), byAnybody: abandonedOf(sum) },
      shown: [...(own ? [own] : []), ...others].slice(0, MOST_CHALLENGERS),
    },
  };
}

function issuedOf({ issued, completed }: Sum): Standing["challenges"]["byKey"] {
  return { issued, completed };
}

function abandonedOf({ failed, expired }: Sum): number {
  return failed + expired;
}
