/**
 * @file Receives requests to stop, and makes sure that the process then ends in time.
 *
 * Ctrl-C, `kill`, a batch system's time limit and a closed terminal all ask for the same: save what can be resumed, and
 * exit. One request often arrives twice, sent by the terminal or `timeout` to the whole group and passed on by npm, so
 * signals within a second count as one; a later one is a request to stop at once.
 */

import { EXIT } from "./errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const DOUBLED_MILLISECONDS = 1_000;
/** From the request to the end, whatever hangs. */
const LONGEST_MILLISECONDS = 9_500;
/** From the second request to the end. */
const URGENT_MILLISECONDS = 1_000;

if (isHangUpIgnored()) process.on("SIGHUP", () => undefined);

const listeners = new Set<() => void>();
let requestedAt: number | null = null;
let isListening = false;

/**
 * Calls the listener once when the process is asked to stop, and once more for each further request.
 *
 * @returns a function that stops listening. After a request signals stay caught, as its second one must not kill.
 */
export function onStopRequest(listener: () => void): () => void {
  listeners.add(listener);
  if (!isListening) for (const signal of SIGNALS) process.on(signal, HANDLERS[signal]);
  isListening = true;
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || requestedAt !== null || !isListening) return;
    for (const signal of SIGNALS) process.off(signal, HANDLERS[signal]);
    isListening = false;
  };
}

/** Whether hang-ups were ignored when the set-up started: then none of its processes ends by one. */
export function isHangUpIgnored(): boolean {
  return process.env.RADEMARK_HANG_UP === "ignored";
}

const HANDLERS = {
  SIGINT: onSignal,
  SIGTERM: onSignal,
  SIGHUP: () => void (isHangUpIgnored() || onSignal()),
};

function onSignal(): void {
  if (requestedAt === null) return requestStop();
  if (performance.now() - requestedAt < DOUBLED_MILLISECONDS) return;
  for (const listener of [...listeners]) listener();
  endWithin(URGENT_MILLISECONDS);
}

/** For requests that are not signals; a repeated one is not urgent. */
export function requestStop(): void {
  if (requestedAt !== null) return;
  requestedAt = performance.now();
  endWithin(LONGEST_MILLISECONDS);
  for (const listener of [...listeners]) listener();
}

function endWithin(milliseconds: number): void {
  setTimeout(() => process.exit(EXIT.interrupted), milliseconds).unref();
}

/**
 * For output that nobody reads any more: a closed terminal (EIO), a reader that is gone (EPIPE). Interruptible work is
 * asked to stop; where hang-ups are ignored it continues without its terminal.
 *
 * @returns whether the error is dealt with; otherwise the process has nobody left to work for.
 */
export function endsWithOutput({ code }: NodeJS.ErrnoException): boolean {
  if (code === "EIO" && isHangUpIgnored()) return true;
  if (listeners.size > 0) requestStop();
  return requestedAt !== null;
}
