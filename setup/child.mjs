/** @file Child processes: one that is watched to its end, and one that takes over the terminal. */

import { spawn } from "node:child_process";
import { constants } from "node:os";

const KEPT_CHARACTERS = 20_000;
const PATIENCE_MS = 1_000;

/**
 * Runs a tool to its end and returns what it printed. An interruption ends the tool first and is
 * then thrown, so that whoever cleans up afterwards has no writer left behind.
 * @param {object} options
 * @param {AbortSignal} options.interruption
 * @param {(line: string) => void} [options.onLine] each line of its stdout, as it comes
 * @returns {Promise<{code: number | null, output: string}>} both streams' last characters;
 *   `code` is null when the tool is not there at all
 */
export function runTool(command, args, { interruption, env, cwd, onLine }) {
  interruption.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (text) => (output = (output + text).slice(-KEPT_CHARACTERS));
    child.stdout.setEncoding("utf8").on("data", onLine ? eachLine(onLine) : keep);
    child.stderr.setEncoding("utf8").on("data", keep);

    let patience;
    const end = () => {
      child.kill("SIGTERM");
      patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    };
    interruption.addEventListener("abort", end, { once: true });
    const settled = () => {
      clearTimeout(patience);
      interruption.removeEventListener("abort", end);
    };
    child.on("error", (error) => {
      settled();
      if (error.code === "ENOENT" || error.code === "EACCES") resolve({ code: null, output });
      else reject(error);
    });
    child.on("close", (code, signalName) => {
      settled();
      if (interruption.aborted) reject(interruption.reason);
      else resolve({ code: code ?? 128 + constants.signals[signalName], output });
    });
  });
}

function eachLine(onLine) {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    lines.forEach(onLine);
  };
}

/**
 * Gives the terminal to a command: its input and output are ours, signals sent to us reach it, and
 * its exit code is returned (128 + number when a signal ended it).
 */
export function handOver(command, args, { env, cwd }) {
  const child = spawn(command, args, { env, cwd, stdio: "inherit" });
  // Ctrl-C reaches every process of the terminal's foreground group by itself; passing it on as
  // well would look like an impatient second Ctrl-C.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const forward = (name) => {
    if (name !== "SIGINT" || !onTerminal) child.kill(name);
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"];
  names.forEach((name) => process.on(name, forward));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signalName) => {
      names.forEach((name) => process.off(name, forward));
      resolve(code ?? 128 + constants.signals[signalName]);
    });
  });
}
