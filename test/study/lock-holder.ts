/** @file `node lock-holder.ts FOLDER TIMES`: holds the folder and writes into it until it may not. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { UserError } from "../../harness/errors.ts";
import { appendText, writeAtomic } from "../../harness/files.ts";
import { type LockOptions, lockFolder } from "../../harness/train/run-lock.ts";

const [folder, times] = process.argv.slice(2) as [string, string];
const journal = join(folder, "journal");
await lockFolder(folder, { times: JSON.parse(times) as NonNullable<LockOptions["times"]> });
try {
  for (let line = 0; ; line++) {
    if (line % 2 === 0) appendText(journal, `${line}\n`);
    else writeAtomic(journal, `${readFileSync(journal, "utf8")}${line}\n`);
    if (line === 0) process.stdout.write("holding\n");
    await wait(5);
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stdout.write(error.message);
  process.exit(error.exitCode);
}
