/** @file Which errors mean "the database cannot serve this now", whatever driver threw them. */

import { errorChain } from "./error-chain.ts";

/** Of the network, by Node's codes. */
const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

/**
 * SQLSTATE classes and codes (PostgreSQL, appendix A): 08 connection, 40 rolled back to be tried again,
 * 53 resources, 55P03 a lock that was waited for too long, 57P0x shutdown, 57014 and 25P03 timeouts, 58 the
 * server's system.
 */
const SQLSTATE = /^(08...|40...|53...|55P03|57P0.|57014|25P0[34]|58...)$/;

/** Over at the next try: a connection that broke, a transaction that lost against another. */
const TRANSIENT = /^(08|40)...$/;

/** Of the place where the database runs: connections, memory and disk, files. */
const OF_THE_PLACE = /^(08|53|58)...$/;

/**
 * Of drivers that give no code: pg, pg-pool, Neon over WebSocket and over HTTP (a status that is not 400, which is a
 * query's own fault), workerd's fetch, PGlite.
 */
const MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Error connecting to database|Server error \(HTTP status|Network connection lost|Cannot use a pool after calling end|PGlite is closed|WebSocket/;

/** Looks into `cause` as well: Drizzle wraps what its drivers throw. */
export function isUnavailable(error: unknown): boolean {
  return errorChain(error).some(isUnavailableItself);
}

/** Is it worth to ask once more at once? */
export function isTransient(error: unknown): boolean {
  return errorChain(error).some((each) => TRANSIENT.test(codeOf(each)));
}

/**
 * The SQLSTATE where a database in this process met a fault of the place it runs in: of memory, disk or files, as there
 * is no connection that could break. Null for everything else.
 */
export function localFault(error: unknown): string | null {
  const fault = errorChain(error).find(
    (each) => isOfPglite(each) && OF_THE_PLACE.test(codeOf(each)),
  );
  return fault === undefined ? null : codeOf(fault);
}

/** PGlite alone puts its options beside the error. */
function isOfPglite(error: unknown): boolean {
  return "queryOptions" in (Object(error) as object);
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" ? code : "";
}

function isUnavailableItself(error: unknown): boolean {
  const { name, type } = Object(error) as { name?: unknown; type?: unknown };
  if (name === "DatabaseUnavailable") return true;
  const code = codeOf(error);
  if (code !== "") return NETWORK.has(code) || SQLSTATE.test(code);
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  if (!(error instanceof Error)) return type === "error"; // an ErrorEvent: a WebSocket broke
  return isDriverMessage(error.message);
}

/** Drizzle's own message holds the query, which may hold anything. */
function isDriverMessage(message: string): boolean {
  return !message.startsWith("Failed query") && MESSAGE.test(message);
}
