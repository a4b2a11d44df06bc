/** @file The database that tests of the API run on: PGlite, or with RADEMARK_TEST_HOME=postgres a real PostgreSQL. */

import { afterAll } from "vitest";
import { openPglite, type MigratedHome } from "../../db/home/open-pglite.ts";
import { openPostgres } from "../../db/home/open-postgres.ts";
import { startPostgres, type ThrowawayPostgres } from "./throwaway-postgres.ts";

let server: Promise<ThrowawayPostgres> | null = null;
afterAll(async () => (await server)?.stop());

/** Empty and migrated, of its own. */
export async function openTestDatabase(): Promise<MigratedHome> {
  if (process.env.RADEMARK_TEST_HOME !== "postgres") return openPglite(null);
  server ??= startPostgres();
  const url = await (await server).createDatabase();
  return openPostgres(url, () => undefined); // idle connections that the stopping server ends
}
