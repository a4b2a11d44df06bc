/** @file What can be asked of a server's process. */

import { createWriteStream, renameSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Settings } from "../server-settings.ts";
import { type LogKeeper, verifierKeyOf } from "../../db/append-leaf.ts";
import { type Db, OperatorError } from "../../db/db.ts";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { dumpLines } from "../../db/dump/dump.ts";
import { explained, knownKeeper, openDatabase, openKeeper } from "./open-database.ts";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { mirror } from "./mirror.ts";
import { visible } from "../../setup/shared/visible.mjs";
import { reported } from "../reported.ts";
import { reindex } from "../../db/dump/reindex.ts";
import { restore } from "../../db/dump/restore.ts";
import { dumpFileLines } from "./dump-file-lines.ts";
import { serve } from "./serve.ts";

export const COMMANDS: Partial<
  Record<string, (settings: Settings, options: Options) => Promise<void>>
> = {
  serve: serveCommand,
  mirror: mirrorCommand,
  migrate: migrateCommand,
  reindex: reindexCommand,
  dump: dumpCommand,
  restore: restoreCommand,
};

const DEFAULT_FOLDER = join(".rademark", "server");

/** What the commands of a server's process take. */
interface Options {
  port: number;
  host: string;
  /** The folder of PGlite's database and of the log's key. */
  folder: string;
  /** End when standard input closes. */
  withParent: boolean;
  /** The dump to write or to read. */
  file: string | null;
  /** Do the dump's leaves begin a log of this server's own? */
  newLog: boolean;
  report: (error: unknown) => void;
  /** Folder of the built site; dist/site unless given. */
  site?: string;
}

/** @throws OperatorError, or what `parseArgs` throws, for what a person typed wrong. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: "string", default: "8787" },
      host: { type: "string", default: "127.0.0.1" },
      folder: { type: "string", default: DEFAULT_FOLDER },
      "with-parent": { type: "boolean", default: false },
      "new-log": { type: "boolean", default: false },
      site: { type: "string" },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65535)
    throw new OperatorError(`--port ${values.port}: a number from 0 to 65535`);
  const { host, folder, site, "with-parent": withParent, "new-log": newLog } = values;
  const options = { host, folder, port, withParent, newLog, file: positionals[0] ?? null, report };
  return { ...options, ...(site !== undefined && { site }) };
}

function report(error: unknown): void {
  process.stderr.write(`${new Date().toISOString()} ${visible(reported(error))}\n`);
}

/** Ends itself once it is told to, or, with `withParent`, once whoever started it is gone. */
async function serveCommand(settings: Settings, options: Options): Promise<void> {
  const told = toldToEnd(options.withParent);
  const server = await serve({ settings, ...options }).catch((error: unknown) => {
    process.stdin.destroy(); // else it would keep the process that has failed
    throw error;
  });
  tellListening(server.url);
  await told;
  await server.close();
  process.exit(0); // standard input may still be open
}

/** Tells a person, and, as data, the process that started this one. */
function tellListening(url: string): void {
  process.stdout.write(`listening on ${url}\n`);
  process.send?.({ url });
}

/** `node api/node.ts mirror FILE`: a dump served for reading, by anybody, without the key of its log. */
async function mirrorCommand(_: Settings, options: Options): Promise<void> {
  const { file, withParent } = options;
  if (file === null) throw new OperatorError("mirror FILE: which dump?");
  const told = toldToEnd(withParent);
  const server = await mirror({ ...options, file });
  tellListening(server.url);
  await told;
  await server.close();
  process.exit(0); // standard input may still be open
}

/** `node api/node.ts migrate`: as the login of `DATABASE_URL`, which owns the tables. */
async function migrateCommand(settings: Settings, options: Options): Promise<void> {
  const count = await migrated(settings, options);
  process.stdout.write(
    count === 0
      ? "nothing to migrate\n"
      : `${count} ${count === 1 ? "migration" : "migrations"} run\n`,
  );
}

async function migrated(settings: Settings, { folder, report }: Options): Promise<number> {
  const { databaseUrl } = settings;
  if (databaseUrl !== null)
    return migratePostgres(databaseUrl).catch((error: unknown) => {
      throw explained(error, databaseUrl);
    });
  const { close, migrations } = await openDatabase(settings, folder, report);
  await close();
  return migrations;
}

/** `node api/node.ts reindex` */
async function reindexCommand(settings: Settings, { folder, report }: Options) {
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    process.stdout.write(`index rebuilt from ${await reindex(db)} leaves\n`);
  } finally {
    await close();
  }
}

/** `node api/node.ts dump FILE`: the whole log, whole or not there at all; gzip where its name ends so. */
async function dumpCommand(settings: Settings, { file, folder, report }: Options) {
  if (file === null) throw new OperatorError("dump FILE: where to?");
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    await writeDump(db, await openKeeper(settings, folder, db), file);
    process.stdout.write(`${file} written\n`);
  } finally {
    await close();
  }
}

async function writeDump(db: Db, keeper: LogKeeper, file: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  const target = createWriteStream(draft, { flush: true });
  const lines = Readable.from(terminated(dumpLines(db, keeper)));
  try {
    if (file.endsWith(".gz")) await pipeline(lines, createGzip(), target);
    else await pipeline(lines, target);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    const words = systemErrorWords(error, { place: file });
    throw words === null ? error : new OperatorError(words);
  }
}

async function* terminated(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

const KEY_MISSING =
  "There is no key of the log here: the dump was checked by the key that it names itself.\n" +
  "Before a server goes on with this log, give it that log's RADEMARK_LOG_SEED and RADEMARK_LOG_ORIGIN.\n";

/**
 * `node api/node.ts restore FILE`: a dump, plain or gzip, into an empty database; with `--new-log` as the first leaves of
 * a log that this server signs.
 */
async function restoreCommand(settings: Settings, options: Options): Promise<void> {
  const { file, folder, newLog, report } = options;
  if (file === null) throw new OperatorError("restore FILE: which dump?");
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    const keeper = newLog
      ? await openKeeper(settings, folder, db)
      : await knownKeeper(settings, folder);
    const reader = newLog || keeper === null ? keeper : await verifierKeyOf(keeper);
    const restored = await restore(db, dumpFileLines(file), reader);
    process.stdout.write(`${restored.leaves} leaves verified and restored\n`);
    if (restored.withheld > 0) process.stdout.write(withheldLine(restored.withheld));
    process.stdout.write(`root ${bytesToHex(restored.root)}\n`);
    if (newLog) process.stdout.write(`signed by ${await verifierKeyOf(keeper!)}\n`);
    if (keeper === null) process.stderr.write(KEY_MISSING);
  } finally {
    await close();
  }
}

/** An operator's own dump has them. */
function withheldLine(count: number): string {
  return `of ${count} of them, withheld by the dump's server while quarantined, the digest alone\n`;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @param withParent also once whoever started it is gone: standard input ends. */
function toldToEnd(withParent: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve());
    if (withParent) process.stdin.resume().once("end", resolve).once("close", resolve);
  });
}
