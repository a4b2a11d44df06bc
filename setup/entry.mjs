/** @file What all set-up commands share: interruption, exit codes, messages of failures, progress. */

import { HANG_UP_VARIABLE, isHangUpIgnored } from "./hang-up.mjs";
import { bar } from "./shared/bar.mjs";
import { environmentProblems, withAbsolutePaths } from "./shared/environment-variables.mjs";
import { catchSystemErrors, systemErrorWords } from "./shared/system-error.mjs";
import { takesCursorCodes, visible } from "./shared/visible.mjs";

/** Thrown, when a signal arrives, by whatever is waiting. */
class Interrupted extends Error {
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
 * Runs a command's body and ends the process with its result, an exit code, or with its failure.
 * @param {(effects: Effects) => Promise<number>} body
 * @param {string} [prefix] of the words about a failure
 */
export async function enter(body, prefix = STOPPED) {
  const controller = new AbortController();
  const isDetached = isHangUpIgnored(process.env);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    const isIgnored = name === "SIGHUP" && isDetached;
    process.on(name, () => isIgnored || controller.abort(new Interrupted(name)));
  }
  catchSystemErrors(prefix, EXIT.usage, () => {
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
    process.stderr.write(`${prefix}${visible(words)}\n`);
    process.exitCode = error.exitCode ?? EXIT.usage;
  }
}

/**
 * Does several things at once. The first failure interrupts the others, and is thrown once all of them have ended, so that
 * nothing still writes while the caller cleans up.
 * @param {Effects} effects
 * @param {(effects: Effects) => Promise<unknown>[]} begin
 */
export async function together(effects, begin) {
  const failed = new AbortController();
  const interruption = AbortSignal.any([effects.interruption, failed.signal]);
  const tasks = begin({ ...effects, interruption });
  for (const task of tasks) task.catch((error) => failed.abort(error));
  await Promise.allSettled(tasks);
  failed.signal.throwIfAborted();
}

const STOPPED = "\nSet-up stopped: ";

/** Code that reads such a variable later would refuse it without showing why, or take it for part of a path. */
function requirePlainVariables(env) {
  const problems = environmentProblems(env);
  if (problems.length > 0) throw new SetupError(problems.join("\n"));
}

/** Stderr for progress lines: it counts as a terminal only where lines can be redrawn. */
function stderrOf({ stderr, env }) {
  return {
    isTTY: takesCursorCodes(stderr, env),
    get columns() {
      return stderr.columns;
    },
    write: (text) => stderr.write(text),
  };
}

/** The same codes as every other command (harness/errors.ts), which plain Node 20 cannot import. */
export const EXIT = { usage: 2, network: 4, tooOld: 5, interrupted: 130 };

/** Names what is missing and the command that fixes it; printed without a stack trace. */
export class SetupError extends Error {
  /** @param {number} [exitCode] what the process ends with */
  constructor(message, exitCode = EXIT.usage, options = undefined) {
    super(message, options);
    this.name = "SetupError";
    this.exitCode = exitCode;
  }
}

/** Runs `body`; turns the system's refusals into SetupErrors, about `folder` where they name no path. */
export async function explainFileErrors(folder, body) {
  try {
    return await body();
  } catch (error) {
    if (error instanceof SetupError) throw error;
    const place = error?.dest ?? error?.path ?? folder;
    const words = systemErrorWords(error, { place });
    if (words === null) throw error;
    throw new SetupError(`${words}${advice(error.code, folder)}`, EXIT.usage, { cause: error });
  }
}

/** How to use another folder instead. */
function advice(code, folder) {
  if (code === "EACCES" || code === "EPERM")
    return ` Make the folder yours (sudo chown -R "$(id -un)" '${folder}'), or set RADEMARK_CACHE for another cache, or clone into another folder.`;
  return " RADEMARK_CACHE chooses another cache; everything else is in the clone.";
}

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;
const RATE_WINDOW_MS = 5_000;
const BAR_CELLS = 24;

/** 273829956 -> "274 MB"; decimal units, as download sizes are usually given. */
export function formatBytes(bytes) {
  if (bytes < 999.5e3) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 999.5e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** 75_000 -> "1 min 15 s" */
export function formatDuration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * @typedef {object} Progress
 * @property {(bytes: number, share?: number) => void} update
 * @property {() => void} done leaves a line that says what it took
 * @property {() => void} stop leaves nothing, as the step failed
 */

/**
 * Shows the progress of a step. `share` (0 to 1) moves the bar; without it, the step's end is not known.
 * @param {string} label what is being done
 * @param {NodeJS.WriteStream} stream
 * @returns {Progress}
 */
export function startProgress(label, stream, now = Date.now) {
  const start = now();
  let drawnAt = -Infinity;
  let latest = { at: start, bytes: 0, share: undefined };
  let samples = [latest];
  if (!stream.isTTY) {
    stream.write(`${label} ...\n`);
    drawnAt = start;
  }

  function update(bytes, share) {
    latest = { at: now(), bytes, share };
    samples = [...samples.filter(({ at }) => at >= latest.at - RATE_WINDOW_MS), latest];
    if (latest.at - drawnAt < (stream.isTTY ? REDRAW_MS : PLAIN_LINE_MS)) return;
    drawnAt = latest.at;
    const text = describe(samples, latest, start);
    if (stream.isTTY) stream.write(`\r\x1b[2K${fit(lineOf(steps), stream)}`);
    else stream.write(`  ${steps.size > 1 ? `${label}: ` : ""}${text}\n`);
  }
  const step = {
    /** Where several steps share a line there is no room for bars. */
    text: (isAlone) => {
      const { share } = latest;
      const drawn = share === undefined || !isAlone ? "" : `${bar(share, BAR_CELLS)} `;
      return `${label} ${drawn}${describe(samples, latest, start)}`;
    },
  };
  const steps = underWay.get(stream) ?? new Set();
  underWay.set(stream, steps.add(step));
  const stop = () => {
    steps.delete(step);
    if (stream.isTTY) stream.write("\r\x1b[2K");
  };
  function done() {
    stop();
    const size = latest.bytes > 0 ? `${formatBytes(latest.bytes)} in ` : "";
    stream.write(`${label}: ${size}${formatDuration(now() - start)}\n`);
  }
  return { update, done, stop };
}

/** The steps that are under way at once share the one line that a stream can redraw. */
const underWay = new WeakMap();

const lineOf = (steps) => [...steps].map((step) => step.text(steps.size === 1)).join("; ");

/**
 * Shows the progress of a step while `work` does it.
 *
 * @template T
 * @param {string} label what is being done
 * @param {NodeJS.WriteStream} stream
 * @param {(progress: Progress) => Promise<T>} work
 * @param {{measure?: (progress: Progress) => void, everyMs?: number}} [options] `measure` is called now and then and
 *   updates the progress; by default only the time is shown
 * @returns {Promise<T>}
 */
export async function withProgress(label, stream, work, options = {}) {
  const { measure = ({ update }) => update(0), everyMs = 1_000 } = options;
  const progress = startProgress(label, stream);
  const timer = setInterval(() => measure(progress), everyMs);
  try {
    const result = await work(progress);
    progress.done();
    return result;
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function describe(samples, { at, bytes, share }, start) {
  const parts = [];
  if (share !== undefined) parts.push(`${Math.floor(Math.min(1, share) * 100)} %`);
  if (bytes > 0) parts.push(formatBytes(bytes));
  const [first] = samples;
  const seconds = (at - first.at) / 1000;
  if (seconds > 0 && bytes > first.bytes) {
    parts.push(`${formatBytes((bytes - first.bytes) / seconds)}/s`);
    const shareRate = (share - first.share) / seconds;
    if (shareRate > 0) parts.push(`${formatDuration(((1 - share) / shareRate) * 1000)} left`);
  }
  return parts.length > 0 ? parts.join(", ") : formatDuration(at - start);
}

/** Cuts a line to one terminal row: a wrapped line could not be redrawn. */
function fit(text, stream) {
  return text.slice(0, Math.max(20, (stream.columns ?? 80) - 1));
}
