/**
 * @file A lock that one process at a time holds, among all that can reach its file, also from other hosts and containers.
 *
 * The lock is a file that its holder creates exclusively and rewrites every two seconds, its heartbeat. It names host,
 * boot, process namespace, process id and the process's start. A holder that can be checked here (same host, boot and
 * namespace) and is gone loses the lock at once. Any other is watched: one whose file stands still is taken to be gone,
 * after a minute, or after ten seconds when the file system's own clock says that the last heartbeat is a minute old.
 * No host's clock is compared with another's. A holder that was only suspended finds another's token in the file, or no
 * file, and has lost the lock.
 */

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { here, identity, isLiving, removeLock } from "./holder.mjs";

/** Milliseconds: between heartbeats; without one, until the holder counts as gone; watched before a takeover, at least. */
export const TIMES = { beat: 2_000, stale: 60_000, watch: 10_000 };

const POLL_MS = 100;
/** Shorter waits are not reported. */
const SILENT_MS = 300;

/**
 * @typedef {object} Holder what a lock says about its holder
 * @property {string} host as in `Machine`, with the next two
 * @property {string} boot
 * @property {string} space
 * @property {number} pid as in `Identity`, with the next
 * @property {string} began
 * @property {string} token of this one lock
 * @property {number} beat
 * @property {import("./holder.mjs").Identity[]} workers processes that write for the holder; they may outlive a killed one by a moment
 */

/**
 * @typedef {object} Found a lock as it lies there
 * @property {string} text
 * @property {number} moved when it was last written, by the file system's clock
 * @property {Holder | null} holder null when it does not say: empty, cut, or not a lock of ours
 */

/** Thrown when a living process keeps the lock. */
export class LockedError extends Error {
  /** @param {string} who such as `process 12 on node3` */
  constructor(who) {
    super(`in use by ${who}`);
    this.who = who;
  }
}

export class FileLock {
  #path;
  #own;
  #beats;
  #lost = new AbortController();

  /** Use `takeLock`. @param {string} path @param {Holder} own @param {typeof TIMES} times */
  constructor(path, own, times) {
    this.#path = path;
    this.#own = own;
    this.#beats = setInterval(() => this.#write(), times.beat).unref();
    held.add(this);
  }

  get token() {
    return this.#own.token;
  }

  /** Aborted at the first heartbeat after another has taken the lock. */
  get lost() {
    return this.#lost.signal;
  }

  /** To be called right before something is written: true unless another has taken the lock. */
  isHeld() {
    return holdsLock(this.#path, this.token);
  }

  /** Notes the processes that write for this one. @param {number[]} pids */
  noteWorkers(pids) {
    this.#own.workers = pids.map(identity);
    this.#write();
  }

  /** Gives the lock back, unless another holds it by now. */
  release() {
    if (!held.delete(this)) return;
    clearInterval(this.#beats);
    if (this.isHeld()) fs.rmSync(this.#path, { force: true });
  }

  /** Uses one descriptor, so that a lock that another puts in its place meanwhile is never overwritten. */
  #write() {
    this.#own.beat++;
    let file;
    try {
      file = fs.openSync(this.#path, "r+");
      if (parse(fs.readFileSync(file, "utf8"))?.token === this.token) {
        // Padded instead of truncated, so that a reader finds either the old text or the new one.
        const text = Buffer.from(JSON.stringify(this.#own));
        const padding = Math.max(0, fs.fstatSync(file).size - text.length);
        fs.writeSync(file, Buffer.concat([text, Buffer.alloc(padding, " ")]), 0, null, 0);
        return;
      }
    } catch (error) {
      // A disk that is full or away for a moment does not end the lock.
      if (error.code !== "ENOENT" && error.code !== "ESTALE") return;
    } finally {
      if (file !== undefined) fs.closeSync(file);
    }
    if (!this.isHeld()) this.#lose();
  }

  #lose() {
    clearInterval(this.#beats);
    held.delete(this);
    this.#lost.abort();
  }
}

/** @type {Set<FileLock>} */
const held = new Set();
process.on("exit", () => held.forEach((lock) => lock.release()));

/**
 * Takes a lock; waits as long as its holder must be watched or is waited for.
 *
 * @param {string} file the lock; its folder exists
 * @param {object} [options]
 * @param {AbortSignal} [options.signal] ends the wait
 * @param {number} [options.patience] milliseconds that a living holder is waited for
 * @param {number} [options.workerPatience] the same for what a dead holder started
 * @param {(who: string) => void} [options.onWait] called once with the holder that it waits for
 * @param {typeof TIMES} [options.times]
 * @returns {Promise<FileLock>}
 * @throws {LockedError} when a living process holds it for longer than the patience
 */
export async function takeLock(file, options = {}) {
  const { signal, patience = 2_000, workerPatience = 30_000, onWait, times = TIMES } = options;
  const began = performance.now();
  const watch = new Watch(times);
  for (let said = false; ; await sleep(POLL_MS)) {
    signal?.throwIfAborted();
    const lock = tryLock(file, times);
    if (lock) return lock;
    const found = read(file);
    if (found === null) continue;
    const waited = performance.now() - began;
    const state = watch.look(file, found);
    if (state === "gone") {
      const worker = found.holder?.workers.find(isLiving);
      if (worker && waited >= workerPatience)
        throw new LockedError(`training worker ${worker.pid}`);
      if (!worker) evict(file, found);
    } else if (state === "stale") evict(file, found);
    else if (state === "living" && waited >= patience)
      throw new LockedError(describe(file, found.holder));
    if (!said && waited >= SILENT_MS && state !== "stale") {
      onWait?.(describe(file, found.holder));
      said = true;
    }
  }
}

/** Judges a lock by looking at it again and again. */
class Watch {
  /** @param {typeof TIMES} times */
  constructor(times) {
    this.times = times;
    this.mark = "";
    this.since = 0;
    this.hasMoved = false;
  }

  /** @param {string} file @param {Found} found @returns {"living" | "silent" | "stale" | "gone"} */
  look(file, found) {
    const { stale, watch } = this.times;
    const mark = `${found.moved} ${found.text}`;
    if (mark !== this.mark) {
      this.hasMoved = this.mark !== "";
      [this.mark, this.since] = [mark, performance.now()];
    }
    if (isGone(found.holder)) return "gone";
    const still = performance.now() - this.since;
    if (still >= stale || (still >= watch && ageOf(file, found) >= stale)) return "stale";
    if (this.hasMoved) return "living";
    const isFresh = still < watch && isLivingHere(found.holder) && ageOf(file, found) < watch;
    return isFresh ? "living" : "silent";
  }
}

/**
 * Who holds a lock, as far as one look tells; null when nobody does, or its holder is dead.
 *
 * @param {string} file
 * @returns {string | null} such as `process 12 on node3`
 */
export function whoHolds(file, times = TIMES) {
  const found = read(file);
  if (found === null || isGone(found.holder) || ageOf(file, found) >= times.stale) return null;
  return describe(file, found.holder);
}

/** Is the lock the one with this token? @param {string} file @param {string} token */
export function holdsLock(file, token) {
  // A process that moves a lock aside by mistake puts it back within a moment.
  for (let tries = 0; tries < 3; tries++) {
    if (read(file)?.holder?.token === token) return true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  return false;
}

/** @param {string} file @param {typeof TIMES} times @returns {FileLock | null} null when it is taken */
function tryLock(file, times) {
  const token = crypto.randomUUID();
  /** @type {Holder} */
  const own = { ...here(), ...identity(process.pid), token, beat: 0, workers: [] };
  let made = false;
  try {
    const descriptor = fs.openSync(file, "wx");
    made = true;
    try {
      fs.writeSync(descriptor, JSON.stringify(own));
    } finally {
      fs.closeSync(descriptor);
    }
    return new FileLock(file, own, times);
  } catch (error) {
    if (made) fs.rmSync(file, { force: true });
    if (!made && error.code === "EEXIST") return null;
    throw error;
  }
}

/** Removes a lock that was found to be nobody's, unless it is another by now. @param {string} file @param {Found} found */
function evict(file, found) {
  if (read(file)?.text !== found.text) return;
  removeLock(file, (aside) => read(aside)?.text === found.text);
}

/** @param {string} file @returns {Found | null} null when there is none */
function read(file) {
  try {
    const { mtimeMs: moved } = fs.lstatSync(file);
    const text = textOf(file);
    return text === null ? null : { text, moved, holder: parse(text) };
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESTALE") return null;
    throw error;
  }
}

/** A dangling link is not followed when a lock is created, so the link itself is in the way. */
function textOf(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT" || !fs.lstatSync(file).isSymbolicLink()) throw error;
    return fs.readlinkSync(file);
  }
}

/** @param {string} text @returns {Holder | null} */
function parse(text) {
  try {
    const holder = JSON.parse(text);
    const isWhole =
      ["host", "boot", "space", "began", "token"].every((key) => typeof holder[key] === "string") &&
      Number.isInteger(holder.pid) &&
      Array.isArray(holder.workers);
    return isWhole ? holder : null;
  } catch {
    return null;
  }
}

/**
 * Milliseconds since a lock was written, by the clock of its file system; by this host's clock where nothing can be
 * written beside it.
 *
 * @param {string} file @param {Found} found
 */
function ageOf(file, { moved }) {
  const probe = path.join(path.dirname(file), `.lock-clock.${crypto.randomUUID()}.tmp`);
  try {
    fs.writeFileSync(probe, "");
    return fs.statSync(probe).mtimeMs - moved;
  } catch {
    return Date.now() - moved;
  } finally {
    fs.rmSync(probe, { force: true });
  }
}

/** @param {string} file @param {Holder | null} holder */
function describe(file, holder) {
  if (holder === null) return `a process that ${file} does not name`;
  const { host, space, boot } = here();
  if (holder.host !== host || holder.boot !== boot)
    return `process ${holder.pid} on ${holder.host}`;
  return `process ${holder.pid}${holder.space === space ? "" : " in another container"}`;
}

/** Can the holder be checked here, and is it gone? @param {Holder | null} holder */
function isGone(holder) {
  return isOfHere(holder) && !isLiving(holder);
}

function isLivingHere(holder) {
  return isOfHere(holder) && isLiving(holder);
}

/** Two machines may share a name, and every container shares its machine's boot. */
function isOfHere(holder) {
  const { host, boot, space } = here();
  return (
    holder !== null &&
    boot !== "" &&
    holder.host === host &&
    holder.boot === boot &&
    holder.space === space
  );
}
