/** @file Recognizes errors that mean "the database cannot serve this now", from whatever driver. */

import { errorChain } from "./error-chain.ts";

/** Node's codes for errors of the network. */
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
 * SQLSTATE classes and codes (PostgreSQL, appendix A): 08 connection, 40 rolled back and to be tried again,
 * 53 resources, 55P03 a lock that was waited for too long, 57P0x shutdown, 57014 and 25P03 timeouts, 58 the
 * server's system.
 */
const SQLSTATE = /^(08...|40...|53...|55P03|57P0.|57014|25P0[34]|58...)$/;

/** Errors that the next try may not meet: a broken connection, a transaction that lost to another. */
const TRANSIENT = /^(08|40)...$/;

/** Faults of the machine that the database runs on: connections, memory and disk, files. */
const MACHINE_FAULT = /^(08|53|58)...$/;

/**
 * Messages of drivers that give no code: pg, pg-pool, Neon over WebSocket and over HTTP (a status other than 400, which
 * is the query's own fault), workerd's fetch, PGlite.
 */
const MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Error connecting to database|Server error \(HTTP status|Network connection lost|Cannot use a pool after calling end|PGlite is closed|WebSocket/;

/** Checks the causes as well: Drizzle wraps what its drivers throw. */
export function isUnavailable(error: unknown): boolean {
  return errorChain(error).some(isUnavailableItself);
}

/** Whether it is worth trying again at once. */
export function isTransient(error: unknown): boolean {
  return errorChain(error).some((each) => TRANSIENT.test(codeOf(each)));
}

/**
 * The SQLSTATE if a database inside this process met a fault of the machine: in memory, disk or files, because there is
 * no connection that could break. Null for everything else.
 */
export function localFault(error: unknown): string | null {
  const fault = errorChain(error).find(
    (each) => isOfPglite(each) && MACHINE_FAULT.test(codeOf(each)),
  );
  return fault === undefined ? null : codeOf(fault);
}

/** Only PGlite adds its options to the error. */
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
  if (!(error instanceof Error)) return type === "error"; // an ErrorEvent: a WebSocket failed
  return isDriverMessage(error.message);
}

/** Drizzle's own message contains the query, which may contain anything. */
function isDriverMessage(message: string): boolean {
  return !message.startsWith("Failed query") && MESSAGE.test(message);
}
