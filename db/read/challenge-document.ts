/** @file Challenges as they were issued, and how they ended. */

import { type SQL, and, count, desc, eq, inArray, lt, ne, notInArray } from "drizzle-orm";
import type {
  ChallengeDocument,
  ChallengeList,
  KeyDocument,
} from "../../record/answers/documents.ts";
import { type Leaf, receiptOf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { challengeIn, outcomeIn, statementOf } from "../project/leaf-body.ts";
import {
  challenges,
  entries,
  keyNames,
  keys,
  leaves,
  moderations,
  reproductions,
  retractions,
} from "../schema.ts";
import { HIDDEN_STATES } from "../../record/board/standing.ts";
import { decisionsWhere, isVoid, keysOfHolder, retractionReasons } from "../project/standings.ts";

type ChallengeLeaves = Pick<typeof challenges.$inferSelect, "leaf" | "outcomeLeaf">;

export async function findChallenge(db: Reader, id: string): Promise<ChallengeDocument | null> {
  const [document] = await documents(
    db,
    await db.select(CHALLENGE_LEAVES).from(challenges).where(eq(challenges.id, id)),
  );
  return document ?? null;
}

const CHALLENGE_LEAVES = { leaf: challenges.leaf, outcomeLeaf: challenges.outcomeLeaf };

/** Null: not filtered. A key stands for its holder, as on a board's rows, and so for all keys in its chain. */
type ChallengeFilters = Record<"key" | "protocol" | "arch" | "regs", string | null>;

/** @param before index of a leaf: only challenges before it are listed. */
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
    .select(CHALLENGE_LEAVES)
    .from(challenges)
    .where(and(lt(challenges.leaf, before), ...where))
    .orderBy(desc(challenges.leaf))
    .limit(limit + 1);
  const shown = places.slice(0, limit);
  const next = places.length > limit ? shown.at(-1)!.leaf : null;
  return { challenges: await documents(db, shown), next };
}

/** In the order given. */
async function documents(
  db: Reader,
  places: readonly ChallengeLeaves[],
): Promise<ChallengeDocument[]> {
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

/** Leaves out hidden results, and reproductions that do not stand or are of the holder's own results. */
export async function findKey(db: Reader, key: string): Promise<KeyDocument | null> {
  const [found] = await db
    .select({ ...KEY, name: keyNames.name })
    .from(keys)
    .leftJoin(keyNames, eq(keyNames.key, keys.key))
    .where(eq(keys.key, key));
  if (!found) return null;
  const { registeredAt, revokedFrom, next, name } = found;
  return {
    key,
    name,
    registeredAt: registeredAt.toISOString(),
    revokedFrom: revokedFrom?.toISOString() ?? null,
    next,
    results: await resultCount(db, key),
    reproductions: await reproductionCount(db, key, found),
  };
}

const { registeredAt, revokedFrom, next, holder } = keys;
const KEY = { registeredAt, revokedFrom, next, holder };
type Signer = Pick<typeof keys.$inferSelect, "revokedFrom" | "next" | "holder">;

async function resultCount(db: Reader, key: string): Promise<number> {
  const [found] = await db
    .select({ count: count() })
    .from(entries)
    .where(and(eq(entries.key, key), notInArray(entries.state, [...HIDDEN_STATES])));
  return found!.count;
}

async function reproductionCount(db: Reader, key: string, signer: Signer): Promise<number> {
  const rows = await db
    .select({ id: reproductions.id, receivedAt: reproductions.receivedAt })
    .from(reproductions)
    .innerJoin(entries, eq(entries.id, reproductions.entry))
    .innerJoin(keys, eq(keys.key, entries.key))
    .where(and(eq(reproductions.key, key), ne(keys.holder, signer.holder)));
  const ids = db
    .select({ id: reproductions.id })
    .from(reproductions)
    .where(eq(reproductions.key, key));
  const retracted = await retractionReasons(db, inArray(retractions.statement, ids));
  const decided = await decisionsWhere(db, inArray(moderations.subject, ids));
  return rows.filter(
    ({ id, receivedAt }) =>
      !retracted.has(id) && decided(id).quarantine === null && !isVoid(signer, receivedAt),
  ).length;
}
