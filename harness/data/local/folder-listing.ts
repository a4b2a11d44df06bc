/** @file The samples of an image folder, and all that lies beside them and is left out. No image is opened. */

import type { Dirent, Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { explainDisk } from "../../files.ts";
import { byCodeUnit } from "./code-units.ts";

/** Names of files that the decoder reads, in any case. */
const IMAGE_NAME = /\.(jpg|jpeg|jpe|jfif|png|bmp|gif)$/i;

export interface FolderSample {
  /** Below the root, with forward slashes. */
  path: string;
  className: string;
  bytes: number;
  /** Changes whenever the file does: its size and times. */
  stamp: string;
}

/** By reason, such as `not named as an image`. */
export type LeftOut = Record<string, { count: number; examples: string[] }>;

export interface FolderListing {
  root: string;
  /** Which folder holds the test images. */
  testFolder: "test" | "val";
  /** In the order of class and then of file name, by code unit: method.md section 7. */
  train: FolderSample[];
  test: FolderSample[];
  leftOut: LeftOut;
}

/** @throws UserError when the folder is not laid out as train/CLASS and test/CLASS or val/CLASS. */
export async function listFolder(root: string): Promise<FolderListing> {
  const leftOut: LeftOut = {};
  const testFolder = await testFolderOf(root, leftOut);
  const train = await listSplit(root, "train", leftOut);
  const test = await listSplit(root, testFolder, leftOut);
  return { root, testFolder, train, test, leftOut };
}

const EXAMPLES = 3;

export function leaveOut(leftOut: LeftOut, reason: string, path: string): void {
  const { count, examples } = (leftOut[reason] ??= { count: 0, examples: [] });
  leftOut[reason] = {
    count: count + 1,
    examples: examples.length < EXAMPLES ? [...examples, path] : examples,
  };
}

const LAYOUT = "an image folder holds train/CLASS/FILE, and test/CLASS/FILE or val/CLASS/FILE";

async function testFolderOf(root: string, leftOut: LeftOut): Promise<"test" | "val"> {
  const entries = await entriesOf(root);
  const names = new Set(entries.map(({ name }) => name));
  const withClasses: ("test" | "val")[] = [];
  for (const name of ["test", "val"] as const)
    if (names.has(name) && (await hasFolder(join(root, name)))) withClasses.push(name);
  const [found] = withClasses;
  if (!names.has("train") || found === undefined)
    throw new UserError(
      `${root}: ${LAYOUT}; found ${entries.length === 0 ? "nothing" : shortList(entries.map(({ name }) => name))}` +
        (names.has("train") ? ", and so nothing to test on" : ""),
    );
  for (const name of names)
    if (name !== "train" && name !== found)
      leaveOut(leftOut, name.startsWith(".") ? HIDDEN : "beside train and " + found, name);
  return found;
}

const HIDDEN = "hidden";

const shortList = (names: readonly string[]) =>
  names.slice(0, 5).join(", ") + (names.length > 5 ? ", ..." : "");

async function hasFolder(folder: string): Promise<boolean> {
  for (const entry of await entriesOf(folder))
    if (!entry.name.startsWith(".") && (await isFolder(folder, entry))) return true;
  return false;
}

/** Follows links. */
async function isFolder(parent: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await statOf(join(parent, entry.name)))?.isDirectory() ?? false;
}

/** Null for what is gone, or a link that leads nowhere or in a circle. */
const statOf = (path: string): Promise<Stats | null> => stat(path).catch(() => null);

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => byCodeUnit(a.name, b.name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UserError(`${folder}: there is no such folder; ${LAYOUT}`);
    if (code === "ENOTDIR") throw new UserError(`${folder}: is not a folder; ${LAYOUT}`);
    throw explainDisk(error, folder);
  }
}

async function listSplit(root: string, split: string, leftOut: LeftOut): Promise<FolderSample[]> {
  const samples: FolderSample[] = [];
  for (const entry of await entriesOf(join(root, split))) {
    const path = `${split}/${entry.name}`;
    if (entry.name.startsWith(".")) leaveOut(leftOut, HIDDEN, path);
    else if (!(await isFolder(join(root, split), entry)))
      leaveOut(leftOut, "not in the folder of a class", path);
    else {
      const own = await listClass(root, path, entry.name, leftOut);
      if (own.length === 0) leaveOut(leftOut, NO_IMAGE, path);
      for (const sample of own) samples.push(sample);
    }
  }
  return samples;
}

export const NO_IMAGE = "folders without an image";

/** Files that are looked at together. */
const LANES = 64;

async function listClass(root: string, folder: string, className: string, leftOut: LeftOut) {
  const samples: FolderSample[] = [];
  const named: string[] = [];
  for (const { name } of await entriesOf(join(root, folder)))
    if (name.startsWith(".")) leaveOut(leftOut, HIDDEN, `${folder}/${name}`);
    else if (IMAGE_NAME.test(name)) named.push(`${folder}/${name}`);
    else leaveOut(leftOut, "not named as an image", `${folder}/${name}`);
  for (let first = 0; first < named.length; first += LANES) {
    const paths = named.slice(first, first + LANES);
    const found = await Promise.all(paths.map((path) => statOf(join(root, path))));
    for (const [i, stats] of found.entries())
      if (stats?.isFile())
        samples.push({
          ...{ path: paths[i]!, className, bytes: stats.size },
          stamp: `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`,
        });
      else leaveOut(leftOut, "no file: a folder, or a link that leads nowhere", paths[i]!);
  }
  return samples;
}
