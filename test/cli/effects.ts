/** @file Effects of the command line that tests can read back. */

import { fileURLToPath } from "node:url";
import type { Effects } from "../../harness/effects.ts";
import { main } from "../../harness/cli/main.ts";

/** Runs a command in this process. @returns its exit code and what it printed. */
export async function rademark(args: string[], changes: Partial<Effects> = {}) {
  let [stdout, stderr] = ["", ""];
  const effects: Effects = {
    now: () => Date.parse("2026-11-24T00:00:00Z"),
    out: (text) => void (stdout += text),
    err: (text) => void (stderr += text),
    terminal: null,
    env: {},
    cwd: process.cwd(),
    worker: fileURLToPath(new URL("../../harness/train/worker.ts", import.meta.url)),
    onInterrupt: () => () => undefined,
    onAbandoned: () => () => undefined,
    askSecret: () => Promise.resolve(null),
    ...changes,
  };
  const code = await main(args, effects);
  return { code, stdout, stderr };
}
