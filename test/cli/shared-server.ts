/** @file One server for all tests of a file, and the words that train what is listed on it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { RunningServer } from "../../api/node/serve.ts";
import { aPerson, aServer } from "../listing/person.ts";

export const micro = ["--protocol", "micro-1", "--threads", "1"];
export const run = (...more: string[]) =>
  ["run", ...micro, "--arch", "mlp-512", "--out", "a"].concat(more);

/** An entry of somebody's on micro-1, with a challenge. @returns its id. */
export async function list(api: string, arch: string): Promise<string> {
  const person = await aPerson(api);
  const args = ["run", ...micro, "--arch", arch, "--out", "a", "--challenge", "--submit"];
  const { code, stdout, stderr } = await person.run(args);
  expect(code, stderr).toBe(0);
  return /([0-9a-f]{64})/.exec(stdout)![1]!;
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
