/** @file The one type of database that every deployment gives: PGlite, PostgreSQL, Neon. */

import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type * as schema from "./schema.ts";

export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/** Inside a transaction use nothing else: PGlite would wait for itself for ever. */
export type Transaction = Parameters<Parameters<Db["transaction"]>[0]>[0];

/** For reads that do either. */
export type Reader = Db | Transaction;

/** What a query written by hand gave: every driver wraps its rows in an object. */
export function rowsOf<Row>(result: unknown): Row[] {
  return (result as { rows: Row[] }).rows;
}

/** What keeps a deployment from opening, said so that a person can mend it; printed without a stack trace. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}
