/**
 * @file One holder at a time of a file, among all processes that can reach it: of other hosts and containers, too.
 *
 * The lock is a file that its holder makes exclusively and writes anew every two seconds, its heartbeat. It says host,
 * boot, process namespace, process id and the process's start. A holder that can be asked here (same host, boot and
 * namespace) and is gone is followed at once. Any other is watched: one whose file stands still is taken to be gone,
 * after a minute, or after ten seconds when the file system's own clock says that the last heartbeat is a minute old.
 * No host's clock is compared with another's. A holder that was only suspended finds another's token in the file, or no
 * file, and has lost the lock.
 */

import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds: between two heartbeats, without one until it counts as gone, and watched by whoever follows, at least. */
export const TIMES = { beat: 2_000, stale: 60_000, watch: 10_000 };

const POLL_MS = 100;
/** Nobody is told of a wait that is shorter. */
const SILENT_MS = 300;

/**
 * @typedef {object} Identity
 * @property {number} pid
 * @property {string} began when the process began, as its system tells it: a process id is given out again
 */

/**
 * @typedef {object} Holder what a lock says of whoever made it
 * @property {string} host
 * @property {string} boot which start of the machine; empty where the system does not tell
 * @property {string} space which numbering of processes: every container has its own
 * @property {number} pid
 * @property {string} began
 * @property {string} token of this one lock
 * @property {number} beat
 * @property {Identity[]} workers processes that write for the holder; they may outlive a killed one by a moment
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

  /** To be asked right before something is written: true unless another has taken the lock since. */
  isHeld() {
    return holdsLock(this.#path, this.token);
  }

  /** Notes the processes that write for this one. @param {number[]} pids */
  noteWorkers(pids) {
    this.#own.workers = pids.map(identity);
    this.#write();
  }

  /** Gives the lock back; another's is left alone. */
  release() {
    if (!held.delete(this)) return;
    clearInterval(this.#beats);
    if (this.isHeld()) fs.rmSync(this.#path, { force: true });
  }

  /** Through one descriptor: what another puts in the lock's place meanwhile is never overwritten. */
  #write() {
    this.#own.beat++;
    let file;
    try {
      file = fs.openSync(this.#path, "r+");
      if (parse(fs.readFileSync(file, "utf8"))?.token === this.token) {
        // Padded instead of cut: a reader meets the old text or the new one.
        const text = Buffer.from(JSON.stringify(this.#own));
        const padding = Math.max(0, fs.fstatSync(file).size - text.length);
        fs.writeSync(file, Buffer.concat([text, Buffer.alloc(padding, " ")]), 0, null, 0);
        return;
      }
    } catch (error) {
      // A disk that is full or away for a moment takes no lock away.
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
 * Takes a lock, waiting for it as long as it must be watched or waited for.
 *
 * @param {string} file the lock; its folder exists
 * @param {object} [options]
 * @param {AbortSignal} [options.signal] ends the wait
 * @param {number} [options.patience] milliseconds that a living holder is waited for
 * @param {number} [options.workerPatience] the same for what a dead holder started
 * @param {(who: string) => void} [options.onWait] hears once of whom it waits for
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

/** What becomes of a lock while it is looked at again and again. */
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
 * Who holds a lock as far as one look tells; null when nobody does, or nobody who lives.
 *
 * @param {string} file
 * @returns {string | null} such as `process 12 on node3`
 */
export function whoHolds(file, times = TIMES) {
  const found = read(file);
  if (found === null || isGone(found.holder) || ageOf(file, found) >= times.stale) return null;
  return describe(file, found.holder);
}

/** True while a lock is the one of this token. @param {string} file @param {string} token */
export function holdsLock(file, token) {
  // Whoever takes over puts a lock that it moved aside by mistake back within a moment.
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

/**
 * Moves a lock aside that was found to be nobody's. Of two processes that do, one moves it; the other may move what the
 * first has made since, sees that it is not what it found, and puts it back.
 *
 * @param {string} file @param {Found} found
 */
function evict(file, found) {
  const aside = `${file}.${crypto.randomUUID()}.old`;
  try {
    if (read(file)?.text !== found.text) return;
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  try {
    if (read(aside)?.text !== found.text) fs.linkSync(aside, file);
  } catch {
    // A third has made its own by now: whoever lost this one notices before it writes.
  } finally {
    fs.rmSync(aside, { force: true });
  }
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

/** A link that leads nowhere is not followed by whoever makes the lock, so it is in the way itself. */
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
 * Milliseconds since a lock was written, both times by the clock of its file system; by this host's where nothing can
 * be written beside it.
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

/** True when a holder can be asked here, and is no more. @param {Holder | null} holder */
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

/** @returns {Pick<Holder, "host" | "boot" | "space">} */
function here() {
  known ??= { host: os.hostname(), boot: bootOfHere(), space: spaceOfHere() };
  return known;
}
/** @type {Pick<Holder, "host" | "boot" | "space"> | undefined} */
let known;

function bootOfHere() {
  if (process.platform === "linux")
    return orEmpty(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  return orEmpty(() =>
    execFileSync("sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" }),
  );
}

function spaceOfHere() {
  return process.platform === "linux" ? orEmpty(() => fs.readlinkSync("/proc/self/ns/pid")) : "";
}

/** @param {number} pid @returns {Identity} */
function identity(pid) {
  return { pid, began: beginOf(pid) };
}

/** @param {Identity} process */
function isLiving({ pid, began }) {
  return began !== "" && beginOf(pid) === began;
}

/** When a process began, in the words of its system; empty when there is no such process. */
function beginOf(pid) {
  if (process.platform !== "linux")
    return orEmpty(() =>
      execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }),
    );
  return orEmpty(() => {
    // The command's name, in parentheses, may hold spaces. Behind it, state is field 3 and start time field 22.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "" : fields[19];
  });
}

/** @param {() => string} tell */
function orEmpty(tell) {
  try {
    return tell().trim();
  } catch {
    return "";
  }
}
