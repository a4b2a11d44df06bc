/** @file Opens Neon from a Worker: transactions over WebSocket, single reads over HTTP. Nothing outlives a request. */

import { Pool, type PoolClient, neon, neonConfig } from "@neondatabase/serverless";
import { drizzle as drizzleHttp } from "drizzle-orm/neon-http";
import { drizzle as drizzlePool } from "drizzle-orm/neon-serverless";
import type { Db } from "../db.ts";
import * as schema from "../schema.ts";
import type { OpenedDatabase } from "./open-pglite.ts";

const OPTIONS = { schema, casing: "snake_case" } as const;
const CONNECT_MILLISECONDS = 5_000;

/**
 * For reads: each query is one HTTP request. HTTP has no transactions, so each transaction takes its own connection.
 *
 * @param url with a login that is a member of `rademark_writer` and owns nothing.
 * @param after runs work once the response has been sent, so that nobody waits for a connection to close.
 */
export function openNeonHttp(url: string, after: (work: () => Promise<void>) => void): Db {
  const db: Db = drizzleHttp(neon(url), OPTIONS);
  const transaction: Db["transaction"] = async (work, config) => {
    const { db: connected, close } = openNeonPool(url);
    return connected.transaction(work, config).finally(() => after(close));
  };
  return Object.assign(db, { transaction });
}

/** For writes: one connection for each request, because a Worker's requests must not share it. */
export function openNeonPool(url: string): OpenedDatabase {
  const pool = new RequestPool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
  });
  pool.on("error", () => undefined); // the query that was running rejects as well
  pool.on("connect", (client: PoolClient) => void client.on("error", () => undefined)); // while in use, it is not the pool's to watch
  return { db: drizzlePool(pool, OPTIONS), close: () => pool.end() };
}

/** For an unreachable server the driver rejects with an `ErrorEvent`, which is no `Error`, so Hono would not catch it. */
class RequestPool extends Pool {
  override connect(callback?: unknown): never {
    if (typeof callback !== "function")
      return super.connect().catch((reason: unknown) => {
        throw asError(reason);
      }) as never;
    const answer = callback as (error: Error | undefined, ...rest: unknown[]) => void;
    return super.connect((error, ...rest) => answer(error && asError(error), ...rest)) as never;
  }
}

function asError(reason: unknown): Error {
  if (reason instanceof Error) return reason;
  return new Error("Error connecting to database", { cause: reason });
}

/** Sends everything to a local proxy in front of some PostgreSQL server instead of to Neon. */
export function useNeonProxy(host: string): void {
  neonConfig.wsProxy = `${host}/v1`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineConnect = false; // the default works only with Neon's way to log in
  neonConfig.fetchEndpoint = `http://${host}/sql`;
}
