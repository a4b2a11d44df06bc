/**
 * @file An error as one line of an operator's log: its class, a driver's severity and SQLSTATE, its message, and where in
 * our code it arose. Never a query or the values in it.
 */

import { errorChain } from "../db/stores/error-chain.ts";

/**
 * SQLSTATE classes whose messages quote what was sent (PostgreSQL, appendix A): 22 a value, 42601 a piece of the query.
 * Their code alone says enough.
 */
const QUOTING = /^(22...|42601)$/;

/** A line of a stack that is in a file of ours, from the repository's folder on. */
const OURS = /^ +at .*?\/((?:api|db|record)\/[^\s()]+:\d+):\d+\)?$/;

export function reported(error: unknown): string {
  const chain = errorChain(error);
  const said = chain.filter((each) => !isQuery(each)).map(saidBy);
  const place = chain.map(placeIn).find((each) => each !== null) ?? null;
  const text = said.join(", caused by ") || "a query failed";
  return `${text}${place === null ? "" : ` (at ${place})`}`.replaceAll(/\s*\n\s*/g, " ");
}

/** Drizzle's own message holds the query and its values. */
function isQuery(error: unknown): boolean {
  return error instanceof Error && error.message.includes("Failed query");
}

/** An `ErrorEvent`, as WebSockets give, is no `Error`. */
function saidBy(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { name, constructor, message, severity, code } = error as Record<string, unknown>;
  const kind = name ?? (constructor as { name?: unknown } | undefined)?.name;
  const known = [kind, severity, code].filter(isText).join(" ");
  if (!isText(message) || (isText(code) && QUOTING.test(code))) return known;
  return `${known}: ${message}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** A stack begins with the message, which may contain anything: only what follows it is searched. */
function placeIn(error: unknown): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null;
  const { stack, message } = error;
  const frames = message === "" ? stack : stack.split(message).at(-1)!;
  const ours = frames.split("\n").filter((line) => !line.includes("node_modules"));
  return ours.map((line) => OURS.exec(line)?.[1]).find(isText) ?? null;
}
