/** @file A person's machine for tests: a folder, keys, a data set that seems cached, and a real server to speak to. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { onTestFinished } from "vitest";
import { LIMITS } from "../../api/deployment.ts";
import { type RunningServer, serve } from "../../api/node/serve.ts";
import { openPglite } from "../../db/stores/open-pglite.ts";
import { type SigningKey, createKey } from "../../harness/listing/key-store.ts";
import type { Effects } from "../../harness/effects.ts";
import { rademark } from "../cli/effects.ts";
import { preparedFiles } from "../world/databases.ts";
import { pretendCifar } from "../study/scripted.ts";

/** A server over an empty database in a folder. @param port 0: any. */
export async function aServer(
  folder: string,
  port = 0,
  operators: readonly string[] = [],
): Promise<RunningServer> {
  const settings = {
    databaseUrl: null,
    seed: null,
    origin: "test.log",
    operators: new Set(operators),
    limits: LIMITS,
    hasProxy: false,
  };
  if (!existsSync(folder)) await (await openPglite(folder, await preparedFiles())).close();
  const report = (error: unknown) => void process.stderr.write(`${inspect(error)}\n`);
  return serve({ settings, folder, host: "127.0.0.1", port, report });
}

export interface Person {
  cwd: string;
  /** The queue of what could not be sent. */
  queue: string;
  key: SigningKey;
  run: (args: string[], changes?: Partial<Effects>) => ReturnType<typeof rademark>;
  json: (path: string) => unknown;
  has: (path: string) => boolean;
}

/** Each with a key `default` of their own. */
export async function aPerson(api: string): Promise<Person> {
  const cwd = mkdtempSync(join(tmpdir(), "rademark-person-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  pretendCifar(join(cwd, "cache", "datasets", "cifar10"));
  const config = join(cwd, "config");
  const env = { RADEMARK_CACHE: join(cwd, "cache"), RADEMARK_CONFIG: config, RADEMARK_API: api };
  const key = await createKey({ name: "default", displayName: "Ada", passphrase: null }, { env });
  const worker = fileURLToPath(new URL("whole-worker.ts", import.meta.url));
  return {
    cwd,
    queue: join(config, "queue"),
    key,
    run: (args, changes = {}) => rademark(args, { cwd, env, worker, now: Date.now, ...changes }),
    json: (path) => JSON.parse(readFileSync(join(cwd, path), "utf8")) as unknown,
    has: (path) => existsSync(join(cwd, path)),
  };
}
