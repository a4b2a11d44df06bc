/** @file manifest.json: the SHA-256 of every file of a finished output folder. */

import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { isDraft, readJson, writeJsonAtomic } from "../files.ts";
import { LOCK_FILE } from "../train/run-lock.ts";

export const MANIFEST_FILE = "manifest.json";

interface Manifest {
  /** Sorted by path; paths are relative to the folder, with `/`. */
  files: { path: string; bytes: number; sha256: string }[];
}

/** Writes the manifest; it comes last, so a folder that has one is complete. */
export async function writeManifest(folder: string): Promise<void> {
  const manifest: Manifest = { files: [] };
  for (const path of listFiles(folder)) {
    const absolute = join(folder, path);
    manifest.files.push({
      path,
      bytes: statSync(absolute).size,
      sha256: await digestFile(absolute),
    });
  }
  writeJsonAtomic(join(folder, MANIFEST_FILE), manifest);
}

export function hasManifest(folder: string): boolean {
  return existsSync(join(folder, MANIFEST_FILE));
}

/**
 * Paths of files that are not what the manifest says: other bytes, not listed, or listed and gone.
 *
 * @param paths relative to the folder, with `/`.
 */
export async function changedFiles(folder: string, paths: readonly string[]): Promise<string[]> {
  const { files } = (readJson(join(folder, MANIFEST_FILE)) ?? { files: [] }) as Manifest;
  const digests = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  const changed: string[] = [];
  for (const path of paths) {
    const absolute = join(folder, path);
    const digest = existsSync(absolute) ? await digestFile(absolute) : undefined;
    if (digest !== digests.get(path)) changed.push(path);
  }
  return changed;
}

/** May be written at any time after the end: the report, the submission and its receipt. */
const LATER_FILES = ["report.html", "submission.json", "receipt.json"];

/** All files but the manifest itself, the later ones, the lock and left-over temporary files. */
function listFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !isTransient(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => path !== MANIFEST_FILE && !LATER_FILES.includes(path))
    .sort();
}

/** A lock or a left-over draft. */
export function isTransient(name: string): boolean {
  return name.startsWith(LOCK_FILE) || isDraft(name);
}

/** Streams, because saved features may be larger than memory. */
async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
