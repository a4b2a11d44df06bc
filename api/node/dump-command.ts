/** @file `node api/node.ts dump FILE`: the whole log, whole or not there at all; gzip where its name ends so. */

import { createWriteStream, renameSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { LogKeeper } from "../../db/append-leaf.ts";
import { type Db, HomeError } from "../../db/db.ts";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { dumpLines } from "../../db/read/dump.ts";
import type { Settings } from "../settings.ts";
import { openDatabase, openKeeper } from "./open-home.ts";
import type { Options } from "./options.ts";

export async function dumpCommand(settings: Settings, { file, folder, report }: Options) {
  if (file === null) throw new HomeError("dump FILE: where to?");
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
    throw words === null ? error : new HomeError(words);
  }
}

async function* terminated(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}
