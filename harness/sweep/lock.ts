/** @file One process at a time in an output folder, also after a kill -9 and a reused process id. */

import { execFileSync } from "node:child_process";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, readJson, writeJsonAtomic } from "../files.ts";

/** Name of the lock within its folder. */
export const LOCK_FILE = ".lock";

interface Identity {
  pid: number;
  /** When the process began, as its system tells it: tells apart two processes of one id. */
  began: string;
}

interface Holder extends Identity {
  host: string;
  /** Training workers: they may outlive a killed parent by a moment. */
  workers: Identity[];
}

export interface Lock {
  /** Notes the training workers that write into the folder. */
  noteWorkers: (pids: number[]) => void;
  release(): void;
}

/** How long others may take to leave before the folder counts as in use. */
export interface Patience {
  /** A process that has just been told to end. */
  holderSeconds: number;
  /** Workers of a dead parent, which notice at the end of their step. */
  workerSeconds: number;
}

/**
 * Takes a folder for this process.
 *
 * @throws UserError when a living process holds it.
 */
export async function lockFolder(
  folder: string,
  patience: Patience = { holderSeconds: 2, workerSeconds: 30 },
): Promise<Lock> {
  const path = join(folder, LOCK_FILE);
  const mine: Holder = { host: hostname(), ...identity(process.pid), workers: [] };
  while (!tryCreate(path, mine)) await evict(path, folder, patience);
  return {
    noteWorkers: (pids) => writeJsonAtomic(path, { ...mine, workers: pids.map(identity) }),
    release: () => rmSync(path, { force: true }),
  };
}

/** A hard link of a complete file: unlike an exclusive open, nobody can meet it half-written. */
function tryCreate(path: string, holder: Holder): boolean {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, JSON.stringify(holder));
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw explainDisk(error, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the lock of a process that is gone; waits for that process's workers. */
async function evict(path: string, folder: string, patience: Patience): Promise<void> {
  const holder = readJson(path) as Holder | null;
  if (!holder) return;
  if (holder.host !== hostname())
    throw inUse(folder, path, `process ${holder.pid} on ${holder.host}`);
  if (!(await leaves(holder, path, patience.holderSeconds)))
    throw inUse(folder, path, `process ${holder.pid}`);
  for (const worker of holder.workers)
    if (!(await leaves(worker, path, patience.workerSeconds)))
      throw inUse(folder, path, `training worker ${worker.pid}`);
  removeExactly(holder, path);
}

/** Another process may have evicted the same holder and moved in: then its lock goes back. */
function removeExactly(holder: Holder, path: string): void {
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
    if (!isDeepStrictEqual(readJson(aside), holder)) linkSync(aside, path);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Waits until a process is gone, or has given the lock back. */
async function leaves(who: Identity, path: string, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (isLiving(who) && existsSync(path)) {
    if (Date.now() >= deadline) return false;
    await wait(100);
  }
  return true;
}

function inUse(folder: string, path: string, who: string): UserError {
  return new UserError(
    `${folder} is in use by ${who}. Wait for it, or stop it. (If it is gone, delete ${path}.)`,
    EXIT.usage,
  );
}

function isLiving({ pid, began }: Identity): boolean {
  return began !== "" && beginOf(pid) === began;
}

function identity(pid: number): Identity {
  return { pid, began: beginOf(pid) };
}

/** When a process began, in the words of its system; empty when there is no such process. */
function beginOf(pid: number): string {
  return process.platform === "linux" ? beginOnLinux(pid) : beginElsewhere(pid);
}

function beginOnLinux(pid: number): string {
  try {
    // The command's name, in parentheses, may hold spaces. Start time is field 22, state field 3.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return fields[0] === "Z" ? "" : `${boot} ${fields[19]}`;
  } catch {
    return "";
  }
}

function beginElsewhere(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
