/**
 * @file One set-up at a time. The lock is a symbolic link whose target names its owner
 * (`host:process:start`): made in one step, so never seen half-written, and left behind by a
 * killed process, so checked for a living owner.
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 100;
const STALE_TAKEOVER_MS = 10_000;

/**
 * Runs `body` while holding the lock; waits, and says so once, while a living process holds it.
 * @param {string} lock path of the lock; its folder is made
 * @param {import("./entry.mjs").Effects} effects
 */
export async function withLock(lock, effects, body) {
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  const own = describe(process.pid);
  for (let said = false; !create(lock, own);) {
    effects.interruption.throwIfAborted();
    const holder = owner(lock);
    if (holder !== null && isAlive(holder)) {
      if (!said) effects.stderr.write(`${waiting(holder, lock)}\n`);
      said = true;
    } else if (holder !== null) {
      removeStale(lock, holder);
    }
    await sleep(POLL_MS);
  }
  try {
    return await body();
  } finally {
    if (owner(lock) === own) fs.rmSync(lock);
  }
}

function create(lock, own) {
  try {
    fs.symlinkSync(own, lock);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Two waiting processes may find the same stale lock; the second must not remove the fresh lock
 * that the first has made since. So removing is itself done by one process at a time, which looks
 * again before it removes.
 */
function removeStale(lock, stale) {
  const takeover = `${lock}.takeover`;
  try {
    fs.mkdirSync(takeover);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const age =
      Date.now() - (fs.statSync(takeover, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
    if (age > STALE_TAKEOVER_MS) fs.rmSync(takeover, { recursive: true, force: true });
    return;
  }
  try {
    if (owner(lock) === stale) fs.rmSync(lock, { force: true });
  } finally {
    fs.rmSync(takeover, { recursive: true, force: true });
  }
}

function owner(lock) {
  try {
    return fs.readlinkSync(lock);
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function describe(pid) {
  return `${os.hostname()}:${pid}:${startedAt(pid) ?? "unknown"}`;
}

/** A process of another host (a cache on a network disk) cannot be asked; it counts as alive. */
function isAlive(holder) {
  const [host, pid, start] = holder.split(":");
  if (host !== os.hostname()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  return (startedAt(pid) ?? "unknown") === start;
}

/** Clock ticks from boot to the start of the process, against reused numbers; null off Linux. */
function startedAt(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}

function waiting(holder, lock) {
  const [host, pid] = holder.split(":");
  const place = host === os.hostname() ? "" : ` on ${host} (if it is gone, remove ${lock})`;
  return `Another set-up is at work, process ${pid}${place}; waiting for it.`;
}
