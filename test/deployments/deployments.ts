/** @file The three deployments of the API, so that one suite runs on each. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { startNode } from "./child-server.ts";
import { createHostedLogin, startPostgres } from "../world/postgres.ts";
import { startNeonProxy } from "../world/neon-proxy.ts";
import { startWorkerd } from "./workerd.ts";

export interface StartedDeployment {
  url: string;
  stop: () => Promise<void>;
}

export interface TestedDeployment {
  name: string;
  /** @param settings `RADEMARK_OPERATORS` and the like. */
  start: (settings?: Record<string, string>) => Promise<StartedDeployment>;
}

const LOG = {
  RADEMARK_LOG_SEED: "07".repeat(32),
  RADEMARK_LOG_ORIGIN: "test.example/log",
};

async function startPgliteServer(
  settings: Record<string, string> = {},
): Promise<StartedDeployment> {
  const folder = temporaryFolder();
  const server = await startNode(folder, { ...LOG, ...settings });
  return { url: server.url, stop: inTurn(server.stop, () => remove(folder)) };
}

async function startPostgresServer(
  settings: Record<string, string> = {},
): Promise<StartedDeployment> {
  const folder = temporaryFolder();
  const postgres = await startPostgres();
  const server = await startNode(folder, { ...LOG, ...settings, DATABASE_URL: postgres.url });
  return { url: server.url, stop: inTurn(server.stop, postgres.stop, () => remove(folder)) };
}

/** As a login that may write and owns nothing, as on Cloudflare. */
async function startWorkerServer(
  settings: Record<string, string> = {},
): Promise<StartedDeployment> {
  const postgres = await startPostgres();
  await migratePostgres(postgres.url);
  const proxy = await startNeonProxy(postgres.url);
  const server = await startWorkerd({
    ...LOG,
    ...settings,
    DATABASE_URL: await createHostedLogin(postgres),
    RADEMARK_NEON_PROXY: proxy.host,
  });
  return { url: server.url, stop: inTurn(server.stop, proxy.stop, postgres.stop) };
}

export const deployments: readonly TestedDeployment[] = [
  { name: "PGlite in a folder", start: startPgliteServer },
  { name: "a PostgreSQL server", start: startPostgresServer },
  { name: "workerd with Neon's driver", start: startWorkerServer },
];

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "rademark-deployment-"));
}

function remove(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  return Promise.resolve();
}

function inTurn(...steps: (() => Promise<unknown>)[]): () => Promise<void> {
  return async () => {
    for (const step of steps) await step();
  };
}
