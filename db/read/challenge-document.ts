/** @file Challenges as they were issued, and how they ended. */

import { type SQL, and, desc, eq, inArray, lt } from "drizzle-orm";
import type { ChallengeDocument, ChallengeList } from "../../record/documents/entry-document.ts";
import { type Leaf, receiptOf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { challengeIn, outcomeIn, statementOf } from "../index/leaf-body.ts";
import { challenges, keys, leaves } from "../schema.ts";

type Places = Pick<typeof challenges.$inferSelect, "leaf" | "outcomeLeaf">;

export async function findChallenge(db: Reader, id: string): Promise<ChallengeDocument | null> {
  const [document] = await documents(
    db,
    await db.select(PLACES).from(challenges).where(eq(challenges.id, id)),
  );
  return document ?? null;
}

const PLACES = { leaf: challenges.leaf, outcomeLeaf: challenges.outcomeLeaf };

/** Null: not filtered. A key stands for its holder, as on a board's rows: with those that replaced it, or it them. */
export type ChallengeFilters = Record<"key" | "protocol" | "arch" | "regs", string | null>;

/** @param before index of a challenge's leaf: only earlier ones. */
export async function challengeList(
  db: Reader,
  filters: ChallengeFilters,
  before: number,
  limit: number,
): Promise<ChallengeList> {
  const names = ["protocol", "arch", "regs"] as const;
  const where = names.flatMap((name): SQL[] => {
    const value = filters[name];
    return value === null ? [] : [eq(challenges[name], value)];
  });
  if (filters.key !== null) where.push(inArray(challenges.key, keysOfHolder(db, filters.key)));
  const places = await db
    .select(PLACES)
    .from(challenges)
    .where(and(lt(challenges.leaf, before), ...where))
    .orderBy(desc(challenges.leaf))
    .limit(limit + 1);
  const shown = places.slice(0, limit);
  const next = places.length > limit ? shown.at(-1)!.leaf : null;
  return { challenges: await documents(db, shown), next };
}

function keysOfHolder(db: Reader, key: string) {
  const holder = db.select({ holder: keys.holder }).from(keys).where(eq(keys.key, key));
  return db.select({ key: keys.key }).from(keys).where(inArray(keys.holder, holder));
}

/** In the order given. */
async function documents(db: Reader, places: readonly Places[]): Promise<ChallengeDocument[]> {
  if (places.length === 0) return [];
  const indices = places.flatMap(({ leaf, outcomeLeaf }) => [leaf, outcomeLeaf ?? leaf]);
  const rows = await db.select().from(leaves).where(inArray(leaves.index, indices));
  const byIndex = new Map(rows.map((row) => [row.index, row]));
  return places.map(({ leaf, outcomeLeaf }) =>
    documentOf(byIndex.get(leaf)!, outcomeLeaf === null ? null : byIndex.get(outcomeLeaf)!),
  );
}

function documentOf(leaf: Leaf, outcome: Leaf | null): ChallengeDocument {
  const { challenge, envelope } = challengeIn(leaf);
  return {
    challenge,
    commitment: statementOf("commitment", envelope),
    envelope,
    outcome: outcome && outcomeIn(outcome),
    receipt: receiptOf(challenge.id, leaf),
  };
}
