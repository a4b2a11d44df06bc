/** @file A dump served by the API's own process, for as long as something is read from it. */

import { spawn } from "node:child_process";
import path from "node:path";
import { SetupError } from "./failure.mjs";
import { ROOT } from "./prepare.mjs";
import { startProgress } from "./progress.mjs";
import { callersFolder } from "./shared/environment.mjs";

const TICK_MS = 1_000;

/**
 * @template T
 * @param {string} dump path as the person typed it
 * @param {{node: string, env: NodeJS.ProcessEnv, stderr: NodeJS.WriteStream}} prepared with where to say how long it
 *   has been read
 * @param {(url: string) => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withMirror(dump, { node, env, stderr }, body) {
  const file = path.resolve(callersFolder(env), dump);
  const args = [`${ROOT}/api/node.ts`, "mirror", file, "--port", "0", "--with-parent"];
  // A database of the person's own has no part in this.
  const { DATABASE_URL: _, ...rest } = env;
  const child = spawn(node, args, { env: rest, stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    return await body(await told(addressOf(child, file), stderr));
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** Minutes for a large log: every signature in it is checked. */
async function told(address, stderr) {
  const progress = startProgress("the dump, read and checked", stderr);
  const ticking = setInterval(() => progress.update(0), TICK_MS);
  try {
    const url = await address;
    progress.done();
    return url;
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    clearInterval(ticking);
  }
}

/** @throws SetupError with what the process said, when it ends before it listens. */
function addressOf(child, file) {
  return new Promise((resolve, reject) => {
    let [output, errors] = ["", ""];
    child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      const url = /listening on (\S+)/.exec(output)?.[1];
      if (url) resolve(url);
    });
    child.once("error", reject);
    child.once("close", () => reject(new SetupError(`${file}: ${errors.trim()}`)));
  });
}
