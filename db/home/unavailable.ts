/** @file Which errors mean "the database cannot serve this now", whatever driver threw them. */

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

/** Of drivers that give no code: pg, pg-pool, Neon over WebSocket and over HTTP, PGlite. */
const MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Error connecting to database|Cannot use a pool after calling end|PGlite is closed|WebSocket/;

/** Looks into `cause` as well: Drizzle wraps what its drivers throw. */
export function isUnavailable(error: unknown): boolean {
  for (let each = error; typeof each === "object" && each !== null; each = causeOf(each))
    if (isUnavailableItself(each)) return true;
  return false;
}

function isUnavailableItself(error: object): boolean {
  const { code, message, name } = error as { code?: unknown; message?: unknown; name?: unknown };
  if (name === "DatabaseUnavailable") return true;
  if (typeof code === "string") return NETWORK.has(code) || SQLSTATE.test(code);
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  return error instanceof Error && typeof message === "string" && isDriverMessage(message);
}

/** Drizzle's own message holds the query, which may hold anything. */
function isDriverMessage(message: string): boolean {
  return !message.startsWith("Failed query") && MESSAGE.test(message);
}

function causeOf(error: object): unknown {
  const { cause, sourceError } = error as { cause?: unknown; sourceError?: unknown };
  return cause ?? sourceError;
}
