/** @file Finds ids by their first digits. */

import { type Column, between } from "drizzle-orm";
import { type IdsDocument, MOST_IDS } from "../../record/answers/ids-document.ts";
import type { Reader } from "../db.ts";
import { challenges, keys, leaves } from "../schema.ts";

type Named = IdsDocument["ids"];

/** Ids of leaves, commitments and registered keys, read along their indices: all ids have 64 digits. */
export async function idsWith(db: Reader, prefix: string): Promise<Named> {
  const isOf = (id: Column) => between(id, prefix.padEnd(64, "0"), prefix.padEnd(64, "f"));
  const limit = MOST_IDS + 1; // tells whether there are others
  const statements: Named = await db
    .select({ id: leaves.digest, kind: leaves.kind })
    .from(leaves)
    .where(isOf(leaves.digest))
    .limit(limit);
  const commitments = await db
    .select({ id: challenges.id })
    .from(challenges)
    .where(isOf(challenges.id))
    .limit(limit);
  const holders = await db.select({ id: keys.key }).from(keys).where(isOf(keys.key)).limit(limit);
  return [
    ...statements,
    ...commitments.map(({ id }) => ({ id, kind: "challenge" as const })),
    ...holders.map(({ id }) => ({ id, kind: "public-key" as const })),
  ];
}
