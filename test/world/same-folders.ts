/** @file What folders of runs hold, times aside, as docs/scaling.md defines them. */

import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

/**
 * For parts that are compared: no commit in env.json. Whether the checkout has changed files is asked by every part, and
 * somebody may change one, or commit, meanwhile.
 */
export const NO_CHECKOUT = { GIT_DIR: join(tmpdir(), "no repository") };

/** Paths that only one folder has or that differ, each with both texts: empty where the folders are the same. */
export function folderDifferences(one: string, other: string): string[] {
  const [a, b] = [withoutTimes(one), withoutTimes(other)];
  const paths = [...new Set([...a.keys(), ...b.keys()])].sort();
  return paths.flatMap((path) =>
    a.get(path) === b.get(path) ? [] : [`${path}: ${a.get(path)} against ${b.get(path)}`],
  );
}

/** Texts of all files by their paths, with every time replaced. */
export function withoutTimes(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return new Map(files.map((file) => [relative(folder, file), timeless(file)]));
}

const TIMED = /(?:^|\/)(?:final|summary|env)\.json$|(?:^|\/)log\.txt$/;

function timeless(file: string): string {
  const bytes = readFileSync(file);
  const name = file.slice(file.lastIndexOf("/") + 1);
  if (name === "log.txt") return "a log";
  if (name === "manifest.json") return manifest(bytes.toString());
  if (!TIMED.test(file)) return createHash("sha256").update(bytes).digest("hex");
  return JSON.stringify(
    JSON.parse(bytes.toString(), (key, value: unknown) => (TIMES.has(key) ? "a time" : value)),
  );
}

const TIMES = new Set(["at", "timing", "seconds", "imagesPerSecond"]);

function manifest(text: string): string {
  const document = JSON.parse(text) as { files: { path: string }[] };
  const files = document.files.map((entry) => (TIMED.test(entry.path) ? entry.path : entry));
  return JSON.stringify(files);
}
