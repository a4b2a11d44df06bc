/** @file `node api/node.ts restore FILE`: a dump, plain or gzip, into an empty database. */

import { bytesToHex } from "@noble/hashes/utils.js";
import { HomeError } from "../../db/db.ts";
import { verifierKeyOf } from "../../db/append-leaf.ts";
import { restore } from "../../db/restore.ts";
import type { Settings } from "../settings.ts";
import { dumpFileLines } from "./dump-file-lines.ts";
import { knownKeeper, openDatabase } from "./open-home.ts";
import type { Options } from "./options.ts";

const KEY_MISSING =
  "There is no key of the log here: the dump was checked by the key that it names itself.\n" +
  "Before a server goes on with this log, give it that log's RADEMARK_LOG_SEED and RADEMARK_LOG_ORIGIN.\n";

export async function restoreCommand(settings: Settings, options: Options): Promise<void> {
  const { file, folder, report } = options;
  if (file === null) throw new HomeError("restore FILE: which dump?");
  const keeper = await knownKeeper(settings, folder);
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    const lines = dumpFileLines(file);
    const restored = await restore(db, lines, keeper && (await verifierKeyOf(keeper)));
    process.stdout.write(`${restored.leaves} leaves verified and restored\n`);
    process.stdout.write(`root ${bytesToHex(restored.root)}\n`);
    if (keeper === null) process.stderr.write(KEY_MISSING);
  } finally {
    await close();
  }
}
