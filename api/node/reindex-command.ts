/** @file `node api/node.ts reindex` */

import { reindex } from "../../db/reindex.ts";
import type { Settings } from "../settings.ts";
import { openDatabase } from "./open-home.ts";
import type { Options } from "./options.ts";

export async function reindexCommand(settings: Settings, { folder, report }: Options) {
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    process.stdout.write(`index rebuilt from ${await reindex(db)} leaves\n`);
  } finally {
    await close();
  }
}
