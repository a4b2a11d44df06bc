/** @file One short text that changes whenever an answer computed from the database may change. */

import { desc, sql } from "drizzle-orm";
import type { Reader } from "../db.ts";
import { boardDocuments, boards, leaves } from "../schema.ts";

/** The log's size, and the sums of versions of boards and their documents; a changed name brings its boards a new one. */
export async function databaseStamp(db: Reader): Promise<string> {
  const versions = db
    .select({ sum: sql<string>`coalesce(sum(${boards.version}), 0)`.as("sum") })
    .from(boards)
    .as("versions");
  const computed = db
    .select({ sum: sql<string>`coalesce(sum(${boardDocuments.version}), 0)`.as("computed") })
    .from(boardDocuments)
    .as("computed");
  const newest = db
    .select({ index: leaves.index })
    .from(leaves)
    .orderBy(desc(leaves.index))
    .limit(1)
    .as("newest");
  const [found] = await db
    .select({ boards: versions.sum, documents: computed.sum, index: newest.index })
    .from(versions)
    .innerJoin(computed, sql`true`)
    .leftJoin(newest, sql`true`);
  return `${found!.index ?? "empty"}.${found!.boards}.${found!.documents}`;
}
