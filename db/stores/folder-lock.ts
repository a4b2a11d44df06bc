/**
 * @file Lets one process at a time use a database's folder.
 *
 * PGlite itself locks nothing, and a second process that opens its folder silently destroys acknowledged rows. So this
 * lock, unlike the one of a run's folder (setup/lock/file-lock.mjs), has no heartbeat that a long query could hold up:
 * only a process that is known to be dead loses it.
 */

import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { here, identity, removeLock } from "../../setup/lock/holder.mjs";
import { OperatorError } from "../db.ts";

interface Holder {
  host: string;
  pid: number;
  /** When the process began, according to its system: process ids are reused. */
  began: string;
}

export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock at `path`, even from a process that was killed.
 *
 * @param path of the lock's file, in an existing folder.
 * @throws OperatorError while a living process holds it.
 */
export function lockFolder(path: string): FolderLock {
  const mine = { host: here().host, pid: process.pid, began: beginOf(process.pid) };
  while (!create(path, mine)) evict(path, mine);
  return { release: () => isSame(holderOf(path), mine) && rmSync(path, { force: true }) };
}

/** A hard link to a complete file: unlike with an exclusive open, nobody can see it half-written. */
function create(path: string, mine: Holder): boolean {
  const draft = `${path}.${mine.pid}`;
  try {
    writeFileSync(draft, JSON.stringify(mine));
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A process id alone proves nothing: in a container that is restarted, every server is process 1. */
function evict(path: string, mine: Holder): void {
  const holder = holderOf(path);
  if (!holder) return;
  const isElsewhere = holder.host !== mine.host;
  const isLiving = holder.began !== "" && beginOf(holder.pid) === holder.began;
  if (isElsewhere || isSame(holder, mine) || isLiving)
    throw new OperatorError(
      `the database in ${dirname(path)} is in use by process ${holder.pid}${isElsewhere ? ` on ${holder.host}` : ""}. ` +
        `Stop it, or ask its server instead of the folder. (If it is gone, delete ${path}.)`,
    );
  removeLock(path, (aside) => isSame(holderOf(aside), holder));
}

/** Null when nobody holds the lock. */
function holderOf(path: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8")) as Holder | null;
    if (typeof holder?.host === "string" && Number.isInteger(holder.pid)) return holder;
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new OperatorError(
    `${path} names no process: it is empty, truncated, or not a lock of rademark. If no server runs here, delete it.`,
  );
}

function isSame(a: Holder | null, b: Holder): boolean {
  return a !== null && a.host === b.host && a.pid === b.pid && a.began === b.began;
}

/** When a process began, on Linux with the machine's boot. Empty when there is no such process. */
function beginOf(pid: number): string {
  const { began } = identity(pid);
  return began !== "" && process.platform === "linux" ? `${here().boot} ${began}` : began;
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
