/** @file One PostgreSQL server, with a migrated database to copy, for a whole run of the tests on PostgreSQL. */

import type { TestProject } from "vitest/node";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { startPostgres } from "./throwaway-postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the server's database `postgres`, as its superuser. */
    preparedServer: string;
  }
}

/** A database of the prepared server, migrated; others are made as its copies. */
export const TEMPLATE = "prepared";

/** Before the first test of the project. @returns what is done after its last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  await server.run(`create database ${TEMPLATE}`);
  await migratePostgres(server.url.replace(/postgres$/, TEMPLATE));
  project.provide("preparedServer", server.url);
  return server.stop;
}
