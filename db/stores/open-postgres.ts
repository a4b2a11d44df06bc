/** @file Opens a PostgreSQL server by its URL. */

import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as migrateNodePostgres } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { migrate, missingMigrations } from "../migrate.ts";
import * as schema from "../schema.ts";
import { OperatorError } from "../db.ts";
import type { MigratedDatabase } from "./open-pglite.ts";

const OPTIONS = { schema, casing: "snake_case" } as const;

/** Connections of one server process; writes queue for the log's lock anyway. */
const CONNECTIONS = 10;
const CONNECT_MILLISECONDS = 5_000;
const IDLE_MILLISECONDS = 30_000;

/** Settings of each connection, made in one round trip. */
const SESSION = `
  set role rademark_writer;
  set statement_timeout = '20s';
  set lock_timeout = '10s';
  set idle_in_transaction_session_timeout = '20s';
`;

/**
 * A pool of connections that act as `rademark_writer`. Missing migrations are run first, as the URL's login.
 *
 * @param report called with the error of an idle connection that the server ended; the pool opens others.
 * @throws OperatorError when the login lacks a privilege; the driver's error when there is no server.
 */
export async function openPostgres(
  url: string,
  report: (error: unknown) => void,
): Promise<MigratedDatabase> {
  const migrations = await migratePostgres(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    idleTimeoutMillis: IDLE_MILLISECONDS,
    application_name: "rademark",
    onConnect: (client) => client.query(SESSION) as unknown as void, // the pool waits for it
  });
  pool.on("error", (error) => report(error));
  pool.on("connect", (client) => void client.on("error", () => undefined)); // in use: its query rejects as well
  await checkRole(pool);
  const tidy = () => Promise.resolve(); // autovacuum does this
  return { db: drizzle(pool, OPTIONS), migrations, tidy, close: () => pool.end() };
}

/** @returns how many migrations were run. */
export async function migratePostgres(url: string): Promise<number> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    application_name: "rademark migrate",
  });
  client.on("error", () => undefined); // the query that was running rejects as well
  try {
    await client.connect();
    const db = drizzle(client, OPTIONS);
    return (await missingMigrations(db)) === 0 ? 0 : await migrate(db, migrateNodePostgres);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Reports a login that may not act as the writer at the start, not at the first request. */
async function checkRole(pool: pg.Pool): Promise<void> {
  try {
    await pool.query("select 1");
  } catch (error) {
    await pool.end();
    if ((error as { code?: string }).code !== "42501") throw error;
    throw new OperatorError(
      "this login may not act as rademark_writer: let the tables' owner run `grant rademark_writer to LOGIN;`",
    );
  }
}
