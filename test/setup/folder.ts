/** @file A folder of its own for each test, and waiting for what other processes do. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

export function temporaryFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rademark-set-up-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Waits until `condition` holds; the test's own time limit ends it. */
export async function until(condition: () => boolean) {
  while (!condition()) await sleep(20);
}
