/** @file Servers as processes of their own, and the three deployments of the API, so that one suite runs on each. */

import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { startNeonProxy } from "./neon-proxy.ts";
import { createHostedLogin, startPostgres } from "./postgres.ts";

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
  const { layOutDatabase } = await import("./databases.ts"); // for tests alone; benches use this file, too
  await layOutDatabase(folder);
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

/**
 * To Node. Servers of tests live for seconds: to optimize PGlite's code takes a third of the processor time of one. Benches,
 * which use this file, too, measure what people start.
 */
const SHORT_LIVED = process.env.VITEST ? ["--liftoff-only"] : [];

const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
/** Of the environment: nothing that says where a database or a log is. */
export const KEPT = { PATH, HOME, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) };

/** A server in a child process, which ends when this process does, however it ends. */
export interface ChildServer {
  url: string;
  pid: number;
  /** What it wrote to stderr so far. */
  errors: () => string;
  /** In order. @returns its exit code. */
  stop: () => Promise<number | null>;
  /** kill -9 */
  kill: () => Promise<void>;
}

/**
 * Starts a module that prints `listening on URL`, and ends when its standard input does.
 *
 * @param module path from the repository's top.
 * @throws with what it wrote, when it ends instead.
 */
export function startChild(
  module: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<ChildServer> {
  const path = fileURLToPath(new URL(`../../${module}`, import.meta.url));
  const child = spawn(process.execPath, [...SHORT_LIVED, path, ...args], {
    env: { ...KEPT, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [out, errors] = ["", ""];
  child.stderr.on("data", (text) => (errors += String(text)));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`${module} ended with ${code}: ${errors}`)));
    child.stdout.on("data", (text) => {
      const url = /listening on (\S+)/.exec((out += String(text)))?.[1];
      if (url === undefined) return;
      resolve({
        url,
        pid: child.pid!,
        errors: () => errors,
        stop: () => ended(child, () => child.kill("SIGTERM")),
        kill: async () => void (await ended(child, () => child.kill("SIGKILL"))),
      });
    });
  });
}

function ended(child: ChildProcess, end: () => void): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once("close", resolve);
    end();
  });
}

/** The server of `api/node.ts`, on a free port. */
export function startNode(folder: string, env: Record<string, string> = {}): Promise<ChildServer> {
  const args = ["serve", "--port", "0", "--folder", folder, "--with-parent"];
  return startChild("api/node.ts", args, env);
}

/**
 * The Worker in workerd, as Cloudflare runs it, started by wrangler.
 *
 * @param secrets as they stand in the Worker's environment.
 */
export async function startWorkerd(secrets: Record<string, string>): Promise<ChildServer> {
  const folder = temporaryFolder();
  const site = join(folder, "site");
  mkdirSync(site);
  writeFileSync(join(site, "404.html"), "<title>The site's page of nothing</title>");
  const server = await startChild("test/world/worker-process.ts", [site], {
    WORKER_SECRETS: JSON.stringify(secrets),
    XDG_CONFIG_HOME: folder,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: join(folder, "log"),
  });
  return { ...server, stop: () => server.stop().finally(() => remove(folder)) };
}

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
