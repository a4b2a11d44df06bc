/** @file The newest leaves, with the reasons that their signers gave in public. */

import { and, desc, eq, lt, sql, type SQL } from "drizzle-orm";
import type { LogPage } from "../../record/documents/log-document.ts";
import type { LogEntry } from "../../record/log/log-entry.ts";
import { logSize } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { entries, leaves, moderations, reproductions, retractions } from "../schema.ts";

export interface LogRequest {
  /** Null: all. */
  kinds: readonly LogEntry["kind"][] | null;
  /** A leaf's index: only those before it. */
  before: number;
  limit: number;
}

export async function logPage(db: Reader, { kinds, before, limit }: LogRequest): Promise<LogPage> {
  const more = limit + 1; // tells whether another page follows
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
    .where(kinds === null ? lt(index, before) : sql`${index} in (${newest(kinds, before, more)})`)
    .orderBy(desc(index))
    .limit(more);
  const shown = rows.slice(0, limit);
  return {
    size: await logSize(db),
    leaves: shown.map(({ at, ...leaf }) => ({ ...leaf, at: at.toISOString() })),
    next: rows.length > limit ? shown.at(-1)!.index : null,
  };
}

/** Indices of the newest of each kind: along the index, however far apart in the log they stand. */
function newest(kinds: readonly LogEntry["kind"][], before: number, limit: number): SQL {
  const { kind, index } = leaves;
  const ofEach = kinds.map((each) => {
    const where = and(eq(kind, each), lt(index, before));
    return sql`(select ${index} from ${leaves} where ${where} order by ${index} desc limit ${limit})`;
  });
  return sql.join(ofEach, sql` union all `);
}
