/** @file The database and the log's key of a server on this machine. */

import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { makeFolders } from "../../setup/shared/folder.mjs";
import { type LogKeeper, checkSigner, logSize } from "../../db/append-leaf.ts";
import { type Db, OperatorError } from "../../db/db.ts";
import { OWN_DUMP } from "../../db/dump/restore.ts";
import { lacksStatements } from "../../db/project/leaf-body.ts";
import { type MigratedDatabase, openPglite } from "../../db/stores/open-pglite.ts";
import { openPostgres } from "../../db/stores/open-postgres.ts";
import { isUnavailable } from "../../db/stores/unavailable.ts";
import { type Settings, keeperOf } from "../server-settings.ts";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { createSeed } from "../../record/signature/ed25519.ts";

/** @param folder of PGlite, where no `DATABASE_URL` is set. */
export async function openDatabase(
  { databaseUrl }: Settings,
  folder: string,
  report: (error: unknown) => void,
): Promise<MigratedDatabase> {
  if (databaseUrl === null) return openPglite(folder);
  try {
    return await openPostgres(databaseUrl, report);
  } catch (error) {
    throw explained(error, databaseUrl);
  }
}

/** Says where the server was looked for, without the login's password. */
export function explained(error: unknown, databaseUrl: string): unknown {
  const { host, pathname } = new URL(databaseUrl);
  const { code, message } = error as { code?: string; message: string };
  const isRefused = isUnavailable(error) || code?.startsWith("28") || code === "3D000";
  if (!isRefused) return error;
  return new OperatorError(`no database at ${host}${pathname} (DATABASE_URL): ${message || code}`);
}

/**
 * The environment's key, else the folder's, which is made with the log's first leaf still to come.
 *
 * @throws OperatorError where the log in the database is another key's, its key is missing, or statements are.
 */
export async function openKeeper(settings: Settings, folder: string, db: Db): Promise<LogKeeper> {
  const known = await knownKeeper(settings, folder);
  if (known === null && (await logSize(db)) > 0) throw new OperatorError(KEY_MISSING);
  makeFolders(folder, 0o700);
  const keeper = known ?? (await keeperOf(createLogKey(folder), settings.origin));
  await checkSigner(db, keeper);
  if (await lacksStatements(db)) throw new OperatorError(STATEMENTS_MISSING);
  return keeper;
}

const KEY_MISSING =
  "there is a log in this database, but not the key that signs it: set RADEMARK_LOG_SEED and " +
  "RADEMARK_LOG_ORIGIN to that log's, or put its log-key into the server's folder.";

const STATEMENTS_MISSING =
  "the log in this database was restored from a dump that withholds statements, so it does not tell whose the names " +
  `of their sources are: it can be read (node api/node.ts mirror FILE), not continued; ${OWN_DUMP}.`;

/** Null where no server has begun a log yet. */
export async function knownKeeper(
  { seed, origin }: Settings,
  folder: string,
): Promise<LogKeeper | null> {
  const known = seed ?? readLogKey(folder);
  return known && keeperOf(known, origin);
}

/** Null when there is none yet. @throws OperatorError for a file that holds something else. */
function readLogKey(folder: string): Uint8Array | null {
  let text;
  try {
    text = readFileSync(pathOf(folder), "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    const words = systemErrorWords(error, { place: pathOf(folder) });
    throw words === null ? error : new OperatorError(words);
  }
  if (/^[0-9a-f]{64}$/.test(text)) return hexToBytes(text);
  throw new OperatorError(`${pathOf(folder)} holds no key: 64 hexadecimal digits were expected.`);
}

/** Whoever comes second finds the key of the first. */
function createLogKey(folder: string): Uint8Array {
  const draft = `${pathOf(folder)}.${process.pid}`;
  try {
    writeFileSync(draft, `${bytesToHex(createSeed())}\n`, { mode: 0o600, flush: true });
    linkSync(draft, pathOf(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readLogKey(folder)!;
}

function pathOf(folder: string): string {
  return join(folder, "log-key");
}
