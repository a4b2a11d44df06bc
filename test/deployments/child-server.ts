/** @file A server in a child process, which ends when this process does, however it ends. */

import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

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
  const child = spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
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
