/** @file The key that signs a local log's checkpoints: made once, kept in a file that only its owner reads. */

import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { HomeError } from "../../db/db.ts";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { createSeed } from "../../record/signature/ed25519.ts";

/** Null when there is none yet. @throws HomeError for a file that holds something else. */
export function readLogKey(folder: string): Uint8Array | null {
  let text;
  try {
    text = readFileSync(pathOf(folder), "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    const words = systemErrorWords(error, { place: pathOf(folder) });
    throw words === null ? error : new HomeError(words);
  }
  if (/^[0-9a-f]{64}$/.test(text)) return hexToBytes(text);
  throw new HomeError(`${pathOf(folder)} holds no key: 64 hexadecimal digits were expected.`);
}

/** Whoever comes second finds the key of the first. */
export function createLogKey(folder: string): Uint8Array {
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
