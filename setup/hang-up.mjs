/**
 * @file Was this process started with hang-ups ignored, as by nohup? Then it keeps ignoring them.
 *
 * Node, npm's before ours, resets every signal to its default when it starts, so the signal itself does not tell. These
 * do: a parent that ignores it, as its children inherit that; nohup's name, which the shell notes in `_`; and the input
 * with which nohup replaces a terminal, which can only be written to. This works on Linux alone.
 */

import fs from "node:fs";
import path from "node:path";

/** Tells child processes, so that they need not find out again. */
export const HANG_UP_VARIABLE = "RADEMARK_HANG_UP";

/** npm, its shell, this. */
const FARTHEST = 4;

/** @param {NodeJS.ProcessEnv} env */
export function isHangUpIgnored(env) {
  if (env[HANG_UP_VARIABLE] === "ignored") return true;
  const chain = [process.pid];
  while (env.npm_lifecycle_event && chain.length < FARTHEST && !isNpm(chain.at(-1))) {
    chain.push(parentOf(chain.at(-1)));
  }
  const first = env.npm_lifecycle_event && !isNpm(chain.at(-1)) ? process.pid : chain.at(-1);
  return (
    [...chain, parentOf(first)].some(ignoresHangUp) || isNamedNohup(first) || hasNohupsInput(first)
  );
}

/** The lowest bit of the mask is signal 1. */
function ignoresHangUp(pid) {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(read(pid, "status"))?.[1] ?? "0";
  return (Number.parseInt(mask.at(-1), 16) & 1) === 1;
}

function isNamedNohup(pid) {
  const command = /(?:^|\0)_=([^\0]*)/.exec(read(pid, "environ"))?.[1] ?? "";
  return path.basename(command) === "nohup";
}

function hasNohupsInput(pid) {
  const access = /^flags:\s*([0-7]+)$/m.exec(read(pid, "fdinfo/0"))?.[1] ?? "0";
  if ((Number.parseInt(access, 8) & 3) !== 1) return false;
  try {
    return fs.readlinkSync(`/proc/${pid}/fd/0`) === "/dev/null";
  } catch {
    return false;
  }
}

/** npm names its process after its command line. */
function isNpm(pid) {
  return read(pid, "comm").startsWith("npm");
}

function parentOf(pid) {
  return Number(/^PPid:\s*(\d+)$/m.exec(read(pid, "status"))?.[1] ?? 0);
}

function read(pid, file) {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
