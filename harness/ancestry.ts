/** @file Notices when the process that started this one is gone: a killed npm or set-up must not leave training behind. */

import { readFileSync } from "node:fs";

const POLL_MILLISECONDS = 500;
/** cli, set-up, shell, npm. */
const FARTHEST = 4;

/**
 * Calls the listener once when an ancestor dies: the process that started this one and, below an npm
 * script, everything up to npm. A signal that cannot be caught or passed on (kill -9) shows only in this way.
 *
 * @returns a function that stops watching.
 */
export function onAbandoned(listener: () => void, env: NodeJS.ProcessEnv): () => void {
  const before = ancestry(env).join();
  const timer = setInterval(() => {
    if (ancestry(env).join() === before) return;
    clearInterval(timer);
    listener();
  }, POLL_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Process ids, nearest first. */
function ancestry({ npm_lifecycle_event: script }: NodeJS.ProcessEnv): number[] {
  const pids = [process.ppid];
  while (script && pids.length < FARTHEST && !isNpm(pids.at(-1)!)) {
    const parent = parentOf(pids.at(-1)!);
    if (parent === null) break;
    pids.push(parent);
  }
  return pids;
}

/** npm names its process after its command line. Only Linux tells. */
function isNpm(pid: number): boolean {
  return statOf(pid)?.name.startsWith("npm") ?? false;
}

function parentOf(pid: number): number | null {
  return statOf(pid)?.parent ?? null;
}

function statOf(pid: number): { name: string; parent: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [open, close] = [stat.indexOf("("), stat.lastIndexOf(")")];
    return {
      name: stat.slice(open + 1, close),
      parent: Number(stat.slice(close + 2).split(" ")[1]),
    };
  } catch {
    return null;
  }
}
