/** @file The databases that the API is measured on. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenedDatabase, openPglite } from "../../db/stores/open-pglite.ts";
import { openPostgres } from "../../db/stores/open-postgres.ts";
import { type ChildServer, startNode } from "../../test/world/deployments.ts";
import { startPostgres } from "../../test/world/postgres.ts";

export interface BenchDeployment {
  name: string;
  /** Starts a server of the API in a process of its own, without quotas. */
  serve: () => Promise<ChildServer>;
  /** Opens the database without a server; only one process at a time can open PGlite's. */
  open: () => Promise<OpenedDatabase>;
  remove: () => Promise<void>;
}

export const LOG_SEED = "07".repeat(32);
export const LOG_ORIGIN = "bench.example/log";

const SETTINGS = {
  RADEMARK_LIMITS: "off",
  RADEMARK_LOG_SEED: LOG_SEED,
  RADEMARK_LOG_ORIGIN: LOG_ORIGIN,
};

const temporaryFolder = () => mkdtempSync(join(tmpdir(), "rademark-bench-"));
const removeFolder = (folder: string) => rmSync(folder, { recursive: true, force: true });

function pgliteDeployment(): Promise<BenchDeployment> {
  const folder = temporaryFolder();
  return Promise.resolve({
    name: "PGlite",
    serve: () => startNode(folder, SETTINGS),
    open: () => openPglite(folder),
    remove: () => Promise.resolve(removeFolder(folder)),
  });
}

/** PostgreSQL with its default settings, fsync included. */
async function postgresDeployment(): Promise<BenchDeployment> {
  const folder = temporaryFolder();
  const postgres = await startPostgres(undefined, []);
  return {
    name: "PostgreSQL",
    serve: () => startNode(folder, { ...SETTINGS, DATABASE_URL: postgres.url }),
    open: () => openPostgres(postgres.url, () => undefined),
    remove: async () => {
      await postgres.stop();
      removeFolder(folder);
    },
  };
}

export const BENCH_HOMES = { pglite: pgliteDeployment, postgres: postgresDeployment };
