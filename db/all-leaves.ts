/** @file The whole log in its order, a few leaves at a time. */

import { asc, gte } from "drizzle-orm";
import type { Leaf } from "./append-leaf.ts";
import type { Reader } from "./db.ts";
import { leaves } from "./schema.ts";

/** Some 20 kB each. */
const BATCH = 200;

export async function* allLeaves(db: Reader): AsyncGenerator<Leaf> {
  for (let next = 0; ;) {
    const batch = await db
      .select()
      .from(leaves)
      .where(gte(leaves.index, next))
      .orderBy(asc(leaves.index))
      .limit(BATCH);
    yield* batch;
    if (batch.length < BATCH) return;
    next = batch.at(-1)!.index + 1;
  }
}
