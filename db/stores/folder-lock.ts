/**
 * @file Lets one process at a time use a database's folder.
 *
 * PGlite itself has no lock, and a second process that opens its folder silently destroys acknowledged rows.
 */

import { execFileSync } from "node:child_process";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
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
  const mine = { host: hostname(), pid: process.pid, began: beginOf(process.pid) };
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
  if (isElsewhere || isSame(holder, mine) || isLiving(holder))
    throw new OperatorError(
      `the database in ${dirname(path)} is in use by process ${holder.pid}${isElsewhere ? ` on ${holder.host}` : ""}. ` +
        `Stop it, or ask its server instead of the folder. (If it is gone, delete ${path}.)`,
    );
  removeExactly(holder, path);
}

/** Another process may meanwhile have evicted the same holder and taken the lock: then its lock is put back. */
function removeExactly(holder: Holder, path: string): void {
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
    if (!isSame(holderOf(aside), holder)) linkSync(aside, path);
  } catch (error) {
    if (!isCode(error, "ENOENT") && !isCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
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

function isLiving({ pid, began }: Holder): boolean {
  return began !== "" && beginOf(pid) === began;
}

/** Empty when there is no such process. */
function beginOf(pid: number): string {
  try {
    return process.platform === "linux" ? beginOnLinux(pid) : beginElsewhere(pid);
  } catch {
    return "";
  }
}

/** The command's name, in parentheses, may hold spaces. After it, state is field 3 and start time field 22. */
function beginOnLinux(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return fields[0] === "Z" ? "" : `${boot} ${fields[19]}`;
}

function beginElsewhere(pid: number): string {
  return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
