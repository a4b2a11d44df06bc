/** @file What all set-up commands share: interruption, exit codes, how a failure is printed. */

import { EXIT, SetupError } from "./failure.mjs";
import { HANG_UP_VARIABLE, isHangUpIgnored } from "./hang-up.mjs";
import { environmentProblems, withAbsolutePaths } from "./shared/environment.mjs";
import { catchSystemErrors, systemErrorWords } from "./shared/system-error.mjs";
import { takesCursorCodes, visible } from "./shared/visible.mjs";

/** Thrown out of whatever was waiting when a signal arrived. */
export class Interrupted extends Error {
  constructor(signalName) {
    super(`interrupted by ${signalName}`);
    this.exitCode = EXIT.interrupted;
  }
}

/**
 * @typedef {object} Effects everything the set-up needs from the world
 * @property {NodeJS.ProcessEnv} env
 * @property {Stderr} stderr where progress and explanations go; stdout is for results
 * @property {AbortSignal} interruption its reason is an `Interrupted`
 */

/**
 * @typedef {object} Stderr
 * @property {boolean} isTTY may lines be redrawn?
 * @property {number | undefined} columns
 * @property {(text: string) => unknown} write
 */

/**
 * Runs a command's body and turns its result (an exit code) or failure into the process's end.
 * @param {(effects: Effects) => Promise<number>} body
 */
export async function enter(body) {
  const controller = new AbortController();
  const isDetached = isHangUpIgnored(process.env);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    const isIgnored = name === "SIGHUP" && isDetached;
    process.on(name, () => isIgnored || controller.abort(new Interrupted(name)));
  }
  catchSystemErrors(STOPPED, EXIT.usage, () => {
    if (!isDetached) controller.abort(new Interrupted("SIGHUP"));
    return true;
  });
  Object.assign(process.env, withAbsolutePaths(process.env));
  const effects = {
    env: isDetached ? { ...process.env, [HANG_UP_VARIABLE]: "ignored" } : process.env,
    stderr: stderrOf(process),
    interruption: controller.signal,
  };
  try {
    requirePlainVariables(effects.env);
    process.exitCode = await body(effects);
  } catch (error) {
    if (error instanceof Interrupted) {
      process.stderr.write("\nInterrupted. Nothing half-installed is left; run it again.\n");
      process.exitCode = error.exitCode;
      return;
    }
    const words = error instanceof SetupError ? error.message : systemErrorWords(error);
    if (words === null) throw error;
    process.stderr.write(`${STOPPED}${visible(words)}\n`);
    process.exitCode = error.exitCode ?? EXIT.usage;
  }
}

const STOPPED = "\nSet-up stopped: ";

/** Whatever reads them later would refuse it without showing why, or take it for a part of a path. */
function requirePlainVariables(env) {
  const problems = environmentProblems(env);
  if (problems.length > 0) throw new SetupError(problems.join("\n"));
}

/** No terminal for whoever draws, where nothing can be redrawn. */
function stderrOf({ stderr, env }) {
  return {
    isTTY: takesCursorCodes(stderr, env),
    get columns() {
      return stderr.columns;
    },
    write: (text) => stderr.write(text),
  };
}
