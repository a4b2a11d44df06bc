/** @file Empty, migrated databases, one for each test that asks: what takes seconds is made once for a run of the tests. */

import {
  cpSync,
  existsSync,
  linkSync,
  mkdtempSync,
  openAsBlob,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import pg from "pg";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { migrate } from "../../db/migrate.ts";
import * as schema from "../../db/schema.ts";
import { type MigratedDatabase, openPglite } from "../../db/stores/open-pglite.ts";
import { migratePostgres, openPostgres } from "../../db/stores/open-postgres.ts";
import { startPostgres } from "./postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a migrated PGlite is kept for all tests of a project. */
    preparedFolder: string;
    /** URL of the server's database `postgres`, as its superuser; null but for the tests on PostgreSQL. */
    preparedServer: string | null;
  }
}

/** A database of the prepared server, migrated; others are made as its copies. */
const TEMPLATE = "prepared";

/** Before the first test of a project. @returns what is done after its last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-prepared-"));
  project.provide("preparedFolder", folder);
  const isOnPostgres = project.config.env.RADEMARK_TEST_STORE === "postgres";
  const server = isOnPostgres ? await startPostgres() : null;
  await server?.run(`create database ${TEMPLATE}`);
  if (server) await migratePostgres(server.url.replace(/postgres$/, TEMPLATE));
  project.provide("preparedServer", server && server.url);
  return async () => {
    rmSync(folder, { recursive: true, force: true });
    await server?.stop();
  };
}

let databases = 0;

/** Empty and migrated, of its own: PGlite, or with RADEMARK_TEST_STORE=postgres a real PostgreSQL. */
export async function openTestDatabase(): Promise<MigratedDatabase> {
  if (process.env.RADEMARK_TEST_STORE !== "postgres")
    return openPglite(null, await preparedFiles());
  const server = inject("preparedServer")!;
  const name = `test_${process.pid}_${databases++}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name} template ${TEMPLATE}`).finally(() => client.end());
  const url = server.replace(/postgres$/, name);
  return openPostgres(url, () => undefined); // idle connections that the stopping server ends
}

/** For `openPglite`. Made by whoever asks first. */
export async function preparedFiles(): Promise<Blob> {
  const path = join(inject("preparedFolder"), "pglite.tar");
  if (!existsSync(path)) await prepare(path);
  return openAsBlob(path);
}

/**
 * Puts such a database where a server will find it, as the first start of one would have left it: that takes seven
 * seconds of a core, which only tests of a first start should spend.
 *
 * @param folder of a server, which need not exist.
 */
export async function layOutDatabase(folder: string): Promise<void> {
  const place = join(inject("preparedFolder"), "server");
  if (!existsSync(place)) {
    const own = `${place}.${process.pid}`;
    await (await openPglite(own, await preparedFiles())).close();
    try {
      renameSync(own, place);
    } catch (error) {
      if (!existsSync(place)) throw error; // else another process was first
      rmSync(own, { recursive: true });
    }
  }
  cpSync(place, folder, { recursive: true });
}

async function prepare(path: string): Promise<void> {
  // A short first segment: every database that is made of these files is a copy of it.
  const client = await PGlite.create({ initDbStartParams: ["--wal-segsize=1"] });
  await migrate(drizzle(client, { schema, casing: "snake_case" }), migratePglite);
  const files = await client.dumpDataDir("none");
  await client.close();
  const own = `${path}.${process.pid}`;
  writeFileSync(own, new Uint8Array(await files.arrayBuffer()));
  keepFirst(own, path);
}

/** Whole, and never replaced: a blob of a file that another one took the place of cannot be read. */
function keepFirst(own: string, path: string): void {
  try {
    linkSync(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  rmSync(own);
}
