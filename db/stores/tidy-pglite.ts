/**
 * @file Does the work of autovacuum, which PGlite lacks: without statistics a page of 10,000 entries is sorted instead
 * of read along an index, and the ranks of every refresh stay in the file forever.
 */

import { sql } from "drizzle-orm";
import type { Db } from "../db.ts";

/** 300 times as many rows are sampled; with the default of 100, reading wide rows takes a third of a second. */
const STATISTICS_TARGET = 30;

/** To be called as the tables' owner, before acting as the writer. PostgreSQL has had this privilege since version 17. */
export async function allowTidying(db: Db): Promise<void> {
  await db.execute(sql`grant maintain on all tables in schema public to rademark_writer`);
}

/**
 * Reads sizes and counts alone, and analyzes or vacuums the tables that need it.
 *
 * Statistics are due when a table has grown by a fifth since they were made (in size, because PGlite forgets its
 * counters when it is closed); a vacuum is due when there are more dead rows than live ones, in the table or its TOAST
 * table.
 *
 * @returns the tables that were analyzed or vacuumed, by name.
 */
export async function tidyPglite(db: Db): Promise<string[]> {
  await db.execute(sql`select pg_stat_force_next_flush()`); // otherwise counts may be a minute old
  const { rows } = (await db.execute(sql`
    select t.relname as name,
      pg_relation_size(t.oid) / 8192 > 1.2 * t.relpages + 4 as grown,
      coalesce(s.n_dead_tup, 0) > 100 + s.n_live_tup
        or coalesce(x.n_dead_tup, 0) > 100 + x.n_live_tup as littered
    from pg_class t
      join pg_stat_all_tables s on s.relid = t.oid
      left join pg_stat_all_tables x on x.relid = t.reltoastrelid
    where t.relnamespace = 'public'::regnamespace and t.relkind = 'r'
    order by t.relname`)) as {
    rows: { name: string; grown: boolean; littered: boolean }[];
  };
  const due = rows.filter(({ grown, littered }) => grown || littered);
  if (due.length > 0)
    await db.execute(sql.raw(`set default_statistics_target = ${STATISTICS_TARGET}`));
  for (const { name, littered } of due)
    await db.execute(
      sql`${sql.raw(littered ? "vacuum (analyze)" : "analyze")} ${sql.identifier(name)}`,
    );
  return due.map(({ name }) => name);
}
