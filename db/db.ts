/** @file The database type that all deployments share: PGlite, PostgreSQL, Neon. */

import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type * as schema from "./schema.ts";

export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/** Inside a transaction use nothing else: PGlite would wait for itself forever. */
export type Transaction = Parameters<Parameters<Db["transaction"]>[0]>[0];

/** For reads that work inside and outside a transaction. */
export type Reader = Db | Transaction;

/** The rows of a query in raw SQL: every driver wraps them in an object. */
export function rowsOf<Row>(result: unknown): Row[] {
  return (result as { rows: Row[] }).rows;
}

/** Why a deployment cannot open, in words that let a person fix it; printed without a stack trace. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}

/** Lets waiting requests be answered before it resolves: an embedded database works in the thread that answers them. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
