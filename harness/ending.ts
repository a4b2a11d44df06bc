/**
 * @file How this process is told to end, and that it does in time.
 *
 * Ctrl-C, `kill`, a batch system's time limit and a closed terminal all ask for the same: keep what can be gone on with,
 * and go. One request often arrives twice, from the terminal or `timeout` to the whole group and passed on by npm, so
 * what comes within a second is one; what comes later is impatience.
 */

import { EXIT } from "./errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const DOUBLED_MILLISECONDS = 1_000;
/** From the request to the end, whatever hangs. */
const LONGEST_MILLISECONDS = 9_500;
/** The same from the second request. */
const IMPATIENT_MILLISECONDS = 1_000;

if (isHangUpIgnored()) process.on("SIGHUP", () => undefined);

const listeners = new Set<() => void>();
let toldAt: number | null = null;
let isListening = false;

/**
 * Calls the listener once when the process is told to end, and once more for each further request.
 *
 * @returns how to stop listening. After a request the signals stay caught: their second half is not to kill.
 */
export function onToldToEnd(listener: () => void): () => void {
  listeners.add(listener);
  if (!isListening) for (const signal of SIGNALS) process.on(signal, HEAR[signal]);
  isListening = true;
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || toldAt !== null || !isListening) return;
    for (const signal of SIGNALS) process.off(signal, HEAR[signal]);
    isListening = false;
  };
}

/** Whether a hang-up was ignored when the set-up started: then nothing here ends by one. */
export function isHangUpIgnored(): boolean {
  return process.env.RADEMARK_HANG_UP === "ignored";
}

const HEAR = {
  SIGINT: hearSignal,
  SIGTERM: hearSignal,
  SIGHUP: () => void (isHangUpIgnored() || hearSignal()),
};

function hearSignal(): void {
  if (toldAt === null) return tellToEnd();
  if (performance.now() - toldAt < DOUBLED_MILLISECONDS) return;
  for (const listener of [...listeners]) listener();
  endWithin(IMPATIENT_MILLISECONDS);
}

/** For requests that are no signals, and that no later one makes urgent. */
export function tellToEnd(): void {
  if (toldAt !== null) return;
  toldAt = performance.now();
  endWithin(LONGEST_MILLISECONDS);
  for (const listener of [...listeners]) listener();
}

function endWithin(milliseconds: number): void {
  setTimeout(() => process.exit(EXIT.interrupted), milliseconds).unref();
}

/**
 * For output that nobody takes any more: a terminal that is closed (EIO), a reader that is gone (EPIPE). Work that can be
 * interrupted is; below an ignored hang-up it goes on without its terminal.
 *
 * @returns whether that is all; otherwise the process has nobody left to work for.
 */
export function endsWithOutput({ code }: NodeJS.ErrnoException): boolean {
  if (code === "EIO" && isHangUpIgnored()) return true;
  if (listeners.size > 0) tellToEnd();
  return toldAt !== null;
}
