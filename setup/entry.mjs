/** @file What all set-up commands share: interruption, exit codes, how a failure is printed. */

import { constants } from "node:os";
import { SetupError } from "./failure.mjs";

/** Thrown out of whatever was waiting when a signal arrived. */
export class Interrupted extends Error {
  constructor(signalName) {
    super(`interrupted by ${signalName}`);
    this.exitCode = 128 + constants.signals[signalName];
  }
}

/**
 * @typedef {object} Effects everything the set-up needs from the world
 * @property {NodeJS.ProcessEnv} env
 * @property {NodeJS.WriteStream} stderr where progress and explanations go; stdout is for results
 * @property {AbortSignal} interruption its reason is an `Interrupted`
 */

/**
 * Runs a command's body and turns its result (an exit code) or failure into the process's end.
 * @param {(effects: Effects) => Promise<number>} body
 */
export async function enter(body) {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(name, () => controller.abort(new Interrupted(name)));
  }
  const effects = {
    env: process.env,
    stderr: process.stderr,
    interruption: controller.signal,
  };
  try {
    process.exitCode = await body(effects);
  } catch (error) {
    if (error instanceof Interrupted) {
      process.stderr.write("\nInterrupted. Nothing half-installed is left; run it again.\n");
    } else if (error instanceof SetupError) {
      process.stderr.write(`\nSet-up stopped: ${error.message}\n`);
    } else {
      throw error;
    }
    process.exitCode = error.exitCode;
  }
}
