/** @file What set-up gets from the world, with its messages collected; a folder for each test, and waiting for other processes. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

export function collectedEffects(env: NodeJS.ProcessEnv = process.env) {
  const messages: string[] = [];
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      messages.push(chunk.toString());
      done();
    },
  });
  const controller = new AbortController();
  return {
    effects: { env, stderr: stderr as NodeJS.WriteStream, interruption: controller.signal },
    interrupt: () => controller.abort(new Error("interrupted")),
    said: () => messages.join(""),
  };
}

export function temporaryFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rademark-set-up-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Waits until `condition` holds; the test's own time limit ends it. */
export async function until(condition: () => boolean) {
  while (!condition()) await sleep(20);
}
