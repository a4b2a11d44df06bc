/** @file The newest leaves, with the reasons that their signers gave in public. */

import { type SQL, and, desc, eq, lt, sql } from "drizzle-orm";
import type { LogPage } from "../../record/documents/entry-document.ts";
import type { LogEntry } from "../../record/log/log-proof.ts";
import { logSize } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { entries, leaves, moderations, reproductions, retractions } from "../schema.ts";

export interface LogRequest {
  /** Null: all. */
  kinds: readonly LogEntry["kind"][] | null;
  /** Id of one: only what it is, and what is about it; null: everything. */
  entry: string | null;
  /** A leaf's index: only those before it. */
  before: number;
  limit: number;
}

export async function logPage(db: Reader, request: LogRequest): Promise<LogPage> {
  const { limit } = request;
  const { kind, digest, index, at } = leaves;
  const subject = sql<string | null>`coalesce(${moderations.subject}, ${retractions.statement})`;
  const entry = sql<
    string | null
  >`coalesce(${entries.id}, ${reproductions.entry}, ${retractions.entry}, ${moderations.entry})`;
  const rows = await db
    .select({
      ...{ kind, digest, index, at, subject, entry },
      action: moderations.action,
      reason: sql<string | null>`coalesce(${moderations.reason}, ${retractions.reason})`,
    })
    .from(leaves)
    .leftJoin(moderations, eq(moderations.id, digest))
    .leftJoin(retractions, eq(retractions.id, digest))
    .leftJoin(entries, eq(entries.id, digest))
    .leftJoin(reproductions, eq(reproductions.id, digest))
    .where(asked({ ...request, limit: limit + 1 }))
    .orderBy(desc(index))
    .limit(limit + 1); // tells whether another page follows
  const shown = rows.slice(0, limit);
  return {
    size: await logSize(db),
    leaves: shown.map(({ at, ...leaf }) => ({ ...leaf, at: at.toISOString() })),
    next: rows.length > limit ? shown.at(-1)!.index : null,
  };
}

function asked(request: LogRequest): SQL {
  const { index } = leaves;
  const { kinds, entry, before } = request;
  if (entry === null && kinds === null) return lt(index, before);
  const parts = entry === null ? newest(kinds!, request) : about(entry, request);
  return parts.length === 0 ? sql`false` : sql`${index} in (${sql.join(parts, sql` union all `)})`;
}

type Part = Pick<LogRequest, "before" | "limit">;

/** Indices of the newest of each kind: along the index, however far apart in the log they stand. */
function newest(kinds: readonly LogEntry["kind"][], { before, limit }: Part): SQL[] {
  const { kind, index } = leaves;
  return kinds.map((each) => {
    const where = and(eq(kind, each), lt(index, before));
    return sql`(select ${index} from ${leaves} where ${where} order by ${index} desc limit ${limit})`;
  });
}

/** The entry's own leaf, and the newest of each kind that speaks of it. */
function about(entry: string, { kinds, before, limit }: LogRequest): SQL[] {
  const parts = {
    result: { table: entries, is: eq(entries.id, entry) },
    reproduction: { table: reproductions, is: eq(reproductions.entry, entry) },
    retraction: { table: retractions, is: eq(retractions.entry, entry) },
    moderation: { table: moderations, is: eq(moderations.entry, entry) },
  };
  return (Object.keys(parts) as (keyof typeof parts)[])
    .filter((kind) => kinds === null || kinds.includes(kind))
    .map((kind) => {
      const { table, is } = parts[kind];
      const where = and(is, lt(table.leaf, before));
      return sql`(select ${table.leaf} from ${table} where ${where} order by ${table.leaf} desc limit ${limit})`;
    });
}
