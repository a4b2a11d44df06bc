/** @file Is anything of ours in use? Asked before it is removed. */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { SetupError } from "./entry.mjs";
import { whoHolds } from "./lock/file-lock.mjs";

/**
 * @param {readonly import("./inventory.mjs").Item[]} items to be removed
 * @param {string} root the clone
 * @throws {SetupError} while a command or server of this clone runs, another process has the engine loaded, or a run that is
 *   to be removed is locked
 */
export function requireUnused(items, root) {
  const users = [...processesOf(items, root), ...items.flatMap(lockHolders)];
  if (users.length === 0) return;
  throw new SetupError(
    `In use by ${users.slice(0, 5).join(", ")}. Nothing was removed; end it, then run this again.`,
  );
}

/** Processes that run a program of this clone, or have loaded what is to be removed. */
function processesOf(items, root) {
  const own = ancestors();
  const programs = ["harness", "api", "bench"].map((folder) => path.join(root, folder) + path.sep);
  const places = items.map(({ place }) => place + path.sep);
  return running()
    .filter(({ pid }) => !own.has(pid))
    .filter(
      ({ pid, line }) =>
        programs.some((program) => line.includes(program)) || hasLoaded(pid, places),
    )
    .map(({ pid }) => `process ${pid}`);
}

function running() {
  if (process.platform !== "linux")
    return execFileSync("ps", ["-axww", "-o", "pid=,args="], { encoding: "utf8" })
      .split("\n")
      .map((line) => ({ pid: Number.parseInt(line, 10), line }));
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), line: read(`/proc/${name}/cmdline`) }));
}

function hasLoaded(pid, places) {
  if (process.platform !== "linux") return false;
  const maps = read(`/proc/${pid}/maps`);
  return places.some((place) => maps.includes(place));
}

/** This process and those that started it. */
function ancestors() {
  const own = new Set([process.pid, process.ppid]);
  for (let pid = process.ppid; pid > 1;) {
    pid = Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
    own.add(pid);
  }
  return own;
}

function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Locks of runs, perhaps held on another machine. */
function lockHolders({ part, place, link }) {
  if (link !== null || part !== "demo") return [];
  return [".", ...fs.readdirSync(place)]
    .map((name) => path.join(place, name, ".lock"))
    .filter((lock) => fs.lstatSync(lock, { throwIfNoEntry: false })?.isFile())
    .flatMap((lock) => whoHolds(lock) ?? []);
}
