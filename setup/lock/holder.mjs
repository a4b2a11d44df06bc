/** @file Identifies a lock's holder, so that no other process is taken for it, and removes a lock that is nobody's. */

import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";

/**
 * @typedef {object} Identity
 * @property {number} pid
 * @property {string} began when the process began, in its system's words, as a process id is given out again; empty
 *   when there is no such process
 */

/**
 * @typedef {object} Machine
 * @property {string} host
 * @property {string} boot which start of the machine; empty where the system does not tell
 * @property {string} space which numbering of processes: every container has its own
 */

/** @param {number} pid @returns {Identity} */
export function identity(pid) {
  return { pid, began: beginOf(pid) };
}

/** @param {Identity} process */
export function isLiving({ pid, began }) {
  return began !== "" && beginOf(pid) === began;
}

/** @returns {Machine} */
export function here() {
  known ??= { host: os.hostname(), boot: bootOfHere(), space: spaceOfHere() };
  return known;
}
/** @type {Machine | undefined} */
let known;

/**
 * Removes a lock that was found to be nobody's. Of two processes that do this, one moves the lock aside; the other may
 * then move what the first has made in its place, sees that it is another lock, and puts it back.
 *
 * @param {string} file
 * @param {(aside: string) => boolean} isFound whether the file moved aside is the lock that was found
 */
export function removeLock(file, isFound) {
  const aside = `${file}.${crypto.randomUUID()}.old`;
  try {
    fs.renameSync(file, aside);
    if (!isFound(aside)) fs.linkSync(aside, file);
  } catch (error) {
    // Gone already, or a third process has made its own: the process that lost this lock notices before it writes.
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

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

/** @param {number} pid */
function beginOf(pid) {
  if (process.platform !== "linux")
    return orEmpty(() =>
      execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }),
    );
  return orEmpty(() => {
    // The command's name, in parentheses, may hold spaces. After it, state is field 3 and start time field 22.
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
