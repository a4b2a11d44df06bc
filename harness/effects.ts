/** @file Everything the command line does to the world outside its output folders. Tests pass their own. */

import { fileURLToPath } from "node:url";
import { callersFolder, withAbsolutePaths } from "../setup/shared/environment-variables.mjs";
import { takesCursorCodes } from "../setup/shared/visible.mjs";
import { isHangUpIgnored, onStopRequest } from "./ending.ts";
import { onAbandoned } from "./ancestry.ts";
import { askSecret } from "./secret-question.ts";

/** What is known of the terminal that stderr writes to. */
export interface Terminal {
  columns: number;
  color: boolean;
}

export interface Effects {
  /** Milliseconds of a wall clock. */
  now: () => number;
  /** stdout: the command's result and nothing else. */
  out: (text: string) => void;
  /** stderr: progress and errors. */
  err: (text: string) => void;
  /** Null when stderr is not a terminal, or one where nothing should be redrawn: TERM=dumb, CI, NO_COLOR. */
  terminal: Terminal | null;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Path of the module that training workers run. */
  worker: string;
  /**
   * Calls the listener at Ctrl-C, SIGTERM, a hang-up or the loss of the terminal, and again at one that comes more than
   * a second later; returns a function that stops listening.
   */
  onInterrupt(listener: () => void): () => void;
  /** Calls the listener when the process that started this one is gone; likewise. */
  onAbandoned(listener: () => void): () => void;
  /** Asks on the terminal without echo; null when there is nobody to ask. */
  askSecret(question: string): Promise<string | null>;
}

export const realEffects: Effects = {
  now: Date.now,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  get terminal() {
    if (!takesCursorCodes(process.stderr, process.env)) return null;
    return { columns: process.stderr.columns || 80, color: true };
  },
  env: withAbsolutePaths(process.env),
  cwd: callersFolder(process.env),
  worker: fileURLToPath(new URL("./train/training-worker.ts", import.meta.url)),
  // A process that is to outlive its terminal also outlives npm, which does not.
  onAbandoned: (listener) =>
    isHangUpIgnored() ? () => undefined : onAbandoned(listener, process.env),
  askSecret: (question) => askSecret(question),
  onInterrupt: onStopRequest,
};
