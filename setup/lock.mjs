/** @file One set-up at a time, among all that share a clone or a cache, on whatever host. */

import path from "node:path";
import { SetupError } from "./entry.mjs";
import { takeLock } from "./lock/file-lock.mjs";
import { makeFolders } from "./shared/folder.mjs";
import { visible } from "./shared/visible.mjs";

/**
 * Runs `body` while holding the lock; while another set-up holds it, waits, and says so once.
 * @param {string} lock path of the lock; its folder is made
 * @param {import("./entry.mjs").Effects} effects
 * @param {(effects: import("./entry.mjs").Effects) => unknown} body its effects are interrupted, too, when
 *   another set-up has taken over, as it does from one that was suspended for more than a minute
 */
export async function withLock(lock, effects, body) {
  makeFolders(path.dirname(lock));
  const held = await takeLock(lock, {
    signal: effects.interruption,
    patience: Infinity,
    onWait: (who) =>
      effects.stderr.write(visible(`Another set-up is at work, ${who}; waiting for it.\n`)),
  });
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(effects.interruption.reason);
  const lose = () => interrupted.abort(new SetupError(LOST));
  effects.interruption.addEventListener("abort", interrupt);
  held.lost.addEventListener("abort", lose);
  try {
    return await body({ ...effects, interruption: interrupted.signal });
  } finally {
    effects.interruption.removeEventListener("abort", interrupt);
    held.lost.removeEventListener("abort", lose);
    held.release();
  }
}

const LOST =
  "this set-up was suspended for over a minute, and another took its place. Wait for that one, then run this again.";
