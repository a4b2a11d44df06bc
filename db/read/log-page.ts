/** @file The newest leaves, with the reasons that their signers gave in public. */

import { desc, eq, lt, sql } from "drizzle-orm";
import type { LogPage } from "../../record/documents/log-document.ts";
import { logSize } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { entries, leaves, moderations, reproductions, retractions } from "../schema.ts";

/** @param before a leaf's index: only those before it. */
export async function logPage(db: Reader, before: number, limit: number): Promise<LogPage> {
  const { kind, digest, index, at } = leaves;
  const subject = sql<string | null>`coalesce(${moderations.subject}, ${retractions.statement})`;
  const statement = sql<string>`coalesce(${subject}, ${digest})`;
  const rows = await db
    .select({
      ...{ kind, digest, index, at, subject },
      action: moderations.action,
      entry: sql<string | null>`coalesce(${entries.id}, ${reproductions.entry})`,
      reason: sql<string | null>`coalesce(${moderations.reason}, ${retractions.reason})`,
    })
    .from(leaves)
    .leftJoin(moderations, eq(moderations.id, digest))
    .leftJoin(retractions, eq(retractions.id, digest))
    .leftJoin(entries, eq(entries.id, statement))
    .leftJoin(reproductions, eq(reproductions.id, statement))
    .where(lt(index, before))
    .orderBy(desc(index))
    .limit(limit);
  const last = rows.at(-1);
  return {
    size: await logSize(db),
    leaves: rows.map(({ at, ...leaf }) => ({ ...leaf, at: at.toISOString() })),
    next: last && last.index > 0 ? last.index : null,
  };
}
