/**
 * @file PostgreSQL in a folder, inside this process: a store that needs no installation.
 *
 * A killed process loses nothing that was acknowledged. But PGlite never calls fsync, so a power cut or a crash of the
 * operating system may lose the last seconds, or the folder. A database that matters belongs in a PostgreSQL server, or
 * must be dumped regularly.
 */

import { join } from "node:path";
import { PGlite, types } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/pglite";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import { makeFolders } from "../../setup/shared/folder.mjs";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { type Db, OperatorError } from "../db.ts";
import { migrate } from "../migrate.ts";
import * as schema from "../schema.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";

export interface OpenedDatabase {
  db: Db;
  close: () => Promise<void>;
}

export interface MigratedDatabase extends OpenedDatabase {
  /** How many migrations were run when it was opened. */
  migrations: number;
  /** To be called now and then: the maintenance that the database does not do by itself. */
  tidy: () => Promise<void>;
}

/**
 * Opens or creates the database below a folder, migrates it, and acts as `rademark_writer`.
 *
 * @param folder holds the lock and, in `pg`, PGlite's files; null for a database in memory.
 * @param files initial files of a new database, from PGlite's `dumpDataDir`; null for none.
 * @throws OperatorError while another process has it open, and when it cannot be opened.
 */
export async function openPglite(
  folder: string | null,
  files: Blob | null = null,
): Promise<MigratedDatabase> {
  const lock = folder === null ? null : lockDeployment(folder);
  try {
    const client = await createClient(folder, files);
    const db = drizzle(client, { schema, casing: "snake_case" });
    const migrations = await migrate(db, migratePglite);
    await allowTidying(db);
    await db.execute(sql`set role rademark_writer`);
    const tidy = async () => void (await tidyPglite(db));
    await tidy();
    return { db, migrations, tidy, close: () => client.close().finally(() => lock?.release()) };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function lockDeployment(folder: string): FolderLock {
  try {
    makeFolders(folder, 0o700);
  } catch (error) {
    throw new OperatorError(systemErrorWords(error) ?? `${folder}: ${(error as Error).message}`);
  }
  return lockFolder(join(folder, "lock"));
}

/** `bytea` in PostgreSQL's hexadecimal form: PGlite's own conversion takes milliseconds for an envelope. */
const BYTES = {
  serializers: {
    [types.BYTEA]: ({ buffer, byteOffset, length }: Uint8Array) =>
      `\\x${Buffer.from(buffer, byteOffset, length).toString("hex")}`,
  },
  parsers: { [types.BYTEA]: (text: string) => new Uint8Array(Buffer.from(text.slice(2), "hex")) },
};

async function createClient(folder: string | null, files: Blob | null): Promise<PGlite> {
  try {
    return await PGlite.create({
      ...BYTES,
      ...(folder !== null && { dataDir: join(folder, "pg") }),
      ...(files !== null && { loadDataDir: files }),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : "PGlite gave up";
    throw new OperatorError(
      `the database in ${folder ?? "memory"} does not open: ${reason}. ` +
        "Is its disk full? If not, restore a dump into another folder (rademark db restore FILE --data DIR).",
    );
  }
}

/** 300 times as many rows are sampled; with the default of 100, reading wide rows takes a third of a second. */
const STATISTICS_TARGET = 30;

/** To be called as the tables' owner, before acting as the writer. PostgreSQL has had this privilege since version 17. */
async function allowTidying(db: Db): Promise<void> {
  await db.execute(sql`grant maintain on all tables in schema public to rademark_writer`);
}

/**
 * Does the work of PostgreSQL's autovacuum, which PGlite lacks: without statistics, a page of 10,000 entries is sorted
 * instead of read along an index; without vacuums, the ranks of every refresh stay in the file for ever. It reads sizes
 * and counts alone, and analyzes or vacuums the tables that need it.
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
