/** @file Trying again: exponential backoff with full jitter, so that clients do not come back all at once. */

import type { Network } from "./network.ts";

export interface Patience {
  /** Tries in all. */
  tries: number;
  /** The first wait is between 0 and this; each further one up to twice as long. */
  firstMilliseconds: number;
  /** No single wait is longer; a server that asks for more is told of at once. */
  mostMilliseconds: number;
  /** Until an answer is complete. */
  timeoutMilliseconds: number;
}

export const PATIENCE: Patience = {
  tries: 5,
  firstMilliseconds: 400,
  mostMilliseconds: 15_000,
  timeoutMilliseconds: 30_000,
};

const PASSING = [502, 503, 504];

/** Null: no later try is likely to go better, or not soon enough. @param attempt from 0. */
export function waitBeforeRetry(
  { status, headers }: Pick<Response, "status" | "headers">,
  attempt: number,
  patience: Patience,
  random: Network["random"],
): number | null {
  if (status !== 429 && !PASSING.includes(status)) return null;
  const asked = retryAfter(headers);
  if (status === 429 && asked === null) return null; // used up by what only the caller can change
  if (asked !== null && asked > patience.mostMilliseconds) return null;
  return (asked ?? 0) + backoff(attempt, patience, random);
}

export function backoff(attempt: number, patience: Patience, random: Network["random"]): number {
  const { firstMilliseconds, mostMilliseconds } = patience;
  return random() * Math.min(mostMilliseconds, firstMilliseconds * 2 ** attempt);
}

/** Milliseconds that the server asks to wait; only the form in seconds (RFC 9110 section 10.2.3) is used here. */
export function retryAfter(headers: Headers): number | null {
  const seconds = headers.get("retry-after");
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? 1000 * Number(seconds) : null;
}
