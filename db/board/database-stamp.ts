/** @file One short text that changes whenever an answer computed from the database may change. */

import { desc, sql } from "drizzle-orm";
import type { Reader } from "../db.ts";
import { boards, leaves } from "../schema.ts";

/** The log's size and the sum of the boards' versions; a changed name brings its boards a new version. */
export async function databaseStamp(db: Reader): Promise<string> {
  const versions = db
    .select({ sum: sql<string>`coalesce(sum(${boards.version}), 0)`.as("sum") })
    .from(boards)
    .as("versions");
  const newest = db
    .select({ index: leaves.index })
    .from(leaves)
    .orderBy(desc(leaves.index))
    .limit(1)
    .as("newest");
  const [found] = await db
    .select({ sum: versions.sum, index: newest.index })
    .from(versions)
    .leftJoin(newest, sql`true`);
  return `${found!.index ?? "empty"}.${found!.sum}`;
}
