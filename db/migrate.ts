/** @file Brings a database's tables up to date; a second migrator waits for the first. */

import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { type MigrationConfig, readMigrationFiles } from "drizzle-orm/migrator";
import { OperatorError, type Reader } from "./db.ts";

const FOLDER = { migrationsFolder: fileURLToPath(new URL("migrations", import.meta.url)) };

/** "migrate" in ASCII, as the number of an advisory lock. */
const MIGRATING = sql`x'6d696772617465'::bigint`;

const ROLES_MISSING =
  "this login may not make the roles that servers act as. Let an administrator run, once:\n" +
  "  create role rademark_reader; create role rademark_writer;\n" +
  "  grant rademark_reader, rademark_writer to LOGIN;";

const OF_BEFORE =
  "the database is of version 0.1 of rademark, before the protocols were fixed, and its entries cannot be carried " +
  "over: keep it for that version, and let this one make a new database (another --data or DATABASE_URL).";

/**
 * Runs the missing migrations, all or none of them.
 *
 * @param db one connection of the tables' owner, not a pool: the lock belongs to the connection.
 * @param migrator Drizzle's migrator for the driver.
 * @returns how many migrations were run.
 * @throws OperatorError when the login lacks a privilege.
 */
export async function migrate<D extends Reader>(
  db: D,
  migrator: (db: D, config: MigrationConfig) => Promise<unknown>,
): Promise<number> {
  await db.execute(sql`select pg_advisory_lock(${MIGRATING})`);
  try {
    const missing = await missingMigrations(db);
    if (missing > 0) await migrator(db, FOLDER);
    return missing;
  } catch (error) {
    throw explained(error);
  } finally {
    await db.execute(sql`select pg_advisory_unlock(${MIGRATING})`);
  }
}

/**
 * How many migrations are missing; any of our roles may ask.
 *
 * @throws OperatorError for a database of a newer version, and for one whose entries this version cannot carry on.
 */
export async function missingMigrations(db: Reader): Promise<number> {
  const files = readMigrationFiles(FOLDER);
  const last = await lastMigration(db);
  if (last > files.at(-1)!.folderMillis)
    throw new OperatorError(
      "the database was migrated by a newer version of rademark: update this.",
    );
  if (last > 0 && last < files[0]!.folderMillis) throw new OperatorError(OF_BEFORE);
  return files.filter(({ folderMillis }) => folderMillis > last).length;
}

/** 0 in an empty database. */
async function lastMigration(db: Reader): Promise<number> {
  const exists = await one(db, sql`select to_regclass('drizzle.__drizzle_migrations')::text as it`);
  if (exists === null) return 0;
  return Number(await one(db, sql`select max(created_at) as it from drizzle.__drizzle_migrations`));
}

async function one(db: Reader, query: ReturnType<typeof sql>): Promise<unknown> {
  const { rows } = (await db.execute<{ it: unknown }>(query)) as { rows: { it: unknown }[] };
  return rows[0]?.it ?? null;
}

/** What PostgreSQL reports; `constraint` names the rule of ours that a migration found broken. */
interface Reported {
  message: string;
  code?: string;
  constraint?: string;
}

function explained(error: unknown): unknown {
  const { code, message, constraint } = ((error as Error).cause ?? error) as Reported;
  if (code !== "42501") return error;
  if (constraint === "rademark_roles") return new OperatorError(ROLES_MISSING);
  return new OperatorError(
    `this login may not change tables (${message}). Migrate as their owner.`,
  );
}
