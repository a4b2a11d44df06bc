/** @file The database that tests of the API run on: PGlite, or with RADEMARK_TEST_STORE=postgres a real PostgreSQL. */

import pg from "pg";
import { inject } from "vitest";
import { type MigratedDatabase, openPglite } from "../../db/stores/open-pglite.ts";
import { openPostgres } from "../../db/stores/open-postgres.ts";
import { preparedFiles } from "./prepared-pglite.ts";
import { TEMPLATE } from "./prepared-postgres.ts";

let databases = 0;

/** Empty and migrated, of its own. */
export async function openTestDatabase(): Promise<MigratedDatabase> {
  if (process.env.RADEMARK_TEST_STORE !== "postgres")
    return openPglite(null, await preparedFiles());
  const server = inject("preparedServer");
  const name = `test_${process.pid}_${databases++}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name} template ${TEMPLATE}`).finally(() => client.end());
  const url = server.replace(/postgres$/, name);
  return openPostgres(url, () => undefined); // idle connections that the stopping server ends
}
