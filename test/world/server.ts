/** @file Servers in this process for people at a command line, and the words that list an entry there. */

import { existsSync, mkdtempSync, rmSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, beforeEach } from "vitest";
import { LIMITS } from "../../api/deployment.ts";
import { type RunningServer, serve } from "../../api/node/serve.ts";
import { aPerson, rademark } from "./command-line.ts";
import { layOutDatabase } from "./databases.ts";
import type { Finding } from "../../harness/listing/finding.ts";
import type { KnownLog } from "../../harness/listing/log-trust.ts";

/** A place without a server, as an environment tells it. */
export const OFFLINE = { RADEMARK_API: "http://127.0.0.1:1" };

/** What `verify --json` prints. */
interface Findings {
  kind: string;
  id: string;
  says: string;
  checks: Finding[];
}

export function logReader(server: { root: string; url: string }) {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(server.root, "reader-"))));
  const inFolder = (path: string) => join(folder, path);
  const env = () => ({ RADEMARK_CONFIG: folder, RADEMARK_API: server.url });

  /** @param changes of the environment. */
  async function verify(target: string, changes: Record<string, string | undefined> = {}) {
    const { code, stdout, stderr } = await rademark(["verify", target, "--json"], {
      cwd: folder,
      env: { ...env(), ...changes },
    });
    const document = (stdout ? JSON.parse(stdout) : { checks: [] }) as Findings;
    const states = Object.fromEntries(document.checks.map(({ name, state }) => [name, state]));
    const text = document.checks.map(({ name, text }) => `${name}: ${text}`).join("\n");
    return { ...document, code, states, text, stdout, stderr };
  }

  /** A file of what the log has by this id, written to the reader's folder. */
  async function exported<File>(id: string, file: string): Promise<File> {
    const args = ["export", id, "--out", file];
    const { code, stderr } = await rademark(args, { cwd: folder, env: env() });
    expect(code, stderr).toBe(0);
    return JSON.parse(readFileSync(inFolder(file), "utf8")) as File;
  }

  const logsFile = () => inFolder("logs.json");
  const logs = () => JSON.parse(readFileSync(logsFile(), "utf8")) as Record<string, KnownLog>;
  return { inFolder, env, verify, exported, logsFile, logs };
}

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
  if (!existsSync(folder)) await layOutDatabase(folder);
  const report = (error: unknown) => void process.stderr.write(`${inspect(error)}\n`);
  return serve({ settings, folder, host: "127.0.0.1", port, report });
}

/** From before the first test of a file until after the last. @param operators their keys, kept in `root`. */
export function sharedServer(
  operators: (root: string) => Promise<string[]> = () => Promise.resolve([]),
) {
  const root = mkdtempSync(join(tmpdir(), "rademark-server-"));
  let server: RunningServer;
  beforeAll(async () => {
    server = await aServer(join(root, "server"), 0, await operators(root));
  }, 120_000);
  afterAll(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    /** A folder that is gone after the tests, for whatever they need. */
    root,
    get url() {
      return server.url;
    },
    logSize: async (): Promise<number> => {
      const response = await fetch(`${server.url}/v1/log/checkpoint`);
      expect(response.status).toBe(200);
      return Number((await response.text()).split("\n")[1]);
    },
  };
}

/** Words that train on micro-1. */
export const onMicro = ["--protocol", "micro-1", "--threads", "1"];
export const run = (...more: string[]) =>
  ["run", ...onMicro, "--arch", "mlp-512", "--out", "a"].concat(more);

/** An entry of somebody's on micro-1, with a challenge. @returns its id. */
export async function list(api: string, arch: string): Promise<string> {
  const person = await aPerson(api);
  const args = ["run", ...onMicro, "--arch", arch, "--out", "a", "--challenge", "--submit"];
  const { code, stdout, stderr } = await person.run(args);
  expect(code, stderr).toBe(0);
  return /([0-9a-f]{64})/.exec(stdout)![1]!;
}
