/** @file `node hold-lock.mjs LOCK JOURNAL MILLISECONDS`: notes when it enters and leaves the lock. */

import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../setup/lock.mjs";

const [lock, journal, milliseconds] = process.argv.slice(2);
const effects = {
  env: process.env,
  stderr: process.stderr,
  interruption: new AbortController().signal,
};
await withLock(lock, effects, async () => {
  fs.appendFileSync(journal, `enter ${process.pid}\n`);
  await sleep(Number(milliseconds));
  fs.appendFileSync(journal, `leave ${process.pid}\n`);
});
