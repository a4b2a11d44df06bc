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
import { allowTidying, tidyPglite } from "./tidy-pglite.ts";

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
