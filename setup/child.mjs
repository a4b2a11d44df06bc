/** @file Child processes: one that is watched to its end, and one that takes over the terminal. */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { EXIT } from "./entry.mjs";
import { HANG_UP_VARIABLE } from "./hang-up.mjs";

const KEPT_CHARACTERS = 20_000;
const PATIENCE_MS = 1_000;

/**
 * Runs a tool to its end and returns what it printed. An interruption first ends the tool and is
 * then thrown, so that no process still writes while the caller cleans up.
 * @param {object} options
 * @param {AbortSignal} options.interruption
 * @param {(line: string) => void} [options.onLine] each line of its stdout, as it comes
 * @param {number} [options.kept] characters of its output, the last ones
 * @returns {Promise<{code: number | null, output: string}>} what is kept of both streams;
 *   `code` is null when the tool does not exist
 */
export function runTool(command, args, options) {
  const { interruption, env, cwd, onLine, kept = KEPT_CHARACTERS } = options;
  interruption.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (text) => (output = (output + text).slice(-kept));
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
 * its exit code is returned (130 when one of those ended it, 128 + number of any other signal).
 */
export function handOver(command, args, { env, cwd }) {
  // A signal to the whole group, such as Ctrl-C, reaches the child twice; it treats the two as one.
  const names = ["SIGINT", "SIGTERM", "SIGHUP"];
  const isIgnored = (name) => name === "SIGHUP" && env?.[HANG_UP_VARIABLE] === "ignored";
  const forward = (name) => isIgnored(name) || child.kill(name);
  names.forEach((name) => process.on(name, forward)); // first: the child may be quicker than we are
  const child = spawn(command, args, { env, cwd, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signalName) => {
      names.forEach((name) => process.off(name, forward));
      if (names.includes(signalName)) resolve(EXIT.interrupted);
      else resolve(code ?? 128 + constants.signals[signalName]);
    });
  });
}
