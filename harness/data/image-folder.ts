/** @file ImageNet, or anything laid out like it: images in train/CLASS and val/CLASS. */

import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";

/** Names of files that the decoder reads, in any case; the decoder itself goes by the first bytes. */
const IMAGE_NAME = /\.(jpg|jpeg|jpe|jfif|png|bmp|gif)$/i;
const IMAGE_NAMES = ".jpg, .jpeg, .jpe, .jfif, .png, .bmp or .gif, in any case";
const EXAMPLES = 5;

export interface ImageFile {
  /** Below the root, with forward slashes. */
  path: string;
  /** Index into the classes. */
  label: number;
}

export interface ImageFolder {
  root: string;
  /** Names of the class folders, sorted by code unit. */
  classes: string[];
  /** Sorted by path, so by class. */
  train: ImageFile[];
  val: ImageFile[];
  leftOut: LeftOut;
  /** SHA-256 of the sorted list of all paths, each followed by a line feed: method.md section 7. */
  digest: string;
}

/** Entries of the folder that are not used: files that are not images, folders within classes, broken links. */
export interface LeftOut {
  count: number;
  /** The first few, below the root. */
  examples: string[];
}

/**
 * Lists the folder; no image is opened.
 *
 * @throws UserError when a part of the layout is missing, a class has no image, or the two splits differ in classes.
 */
export async function openImageFolder(root: string): Promise<ImageFolder> {
  const leftOut: LeftOut = { count: 0, examples: [] };
  const classes = await classFolders(root, "train", leftOut);
  const found = await classFolders(root, "val", leftOut);
  requireSameClasses(root, classes, found);
  const train = await listSplit(root, "train", classes, leftOut);
  const val = await listSplit(root, "val", classes, leftOut);
  return { root, classes, train, val, leftOut, digest: listDigest([...train, ...val]) };
}

/** `3 entries are left out, ...`; null when every entry is used. */
export function leftOutText({ leftOut: { count, examples } }: ImageFolder): string | null {
  if (count === 0) return null;
  const shown = examples.join(", ") + (count > examples.length ? ", ..." : "");
  const what = count === 1 ? "1 entry is" : `${count.toLocaleString("en-US")} entries are`;
  return `${what} left out, not being files named ${IMAGE_NAMES}: ${shown}`;
}

async function classFolders(root: string, split: string, leftOut: LeftOut): Promise<string[]> {
  const folder = join(root, split);
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
    const rule = "must be a folder with one folder of images for each class";
    throw new UserError(`${folder}: ${rule}; found ${cause.message}`, undefined, { cause });
  });
  const names: string[] = [];
  for (const entry of sorted(entries))
    if (!isHidden(entry) && (await kindOf(folder, entry)) === "folder") names.push(entry.name);
    else leaveOut(leftOut, `${split}/${entry.name}`);
  if (names.length === 0)
    throw new UserError(`${folder}: must hold one folder for each class; found none`);
  return names;
}

const isHidden = ({ name }: Dirent) => name.startsWith(".");

/** Sorts by code unit. */
const sorted = (entries: Dirent[]) => entries.sort((a, b) => (a.name < b.name ? -1 : 1));

/** Follows links; null for one that is broken or leads in a circle. */
async function kindOf(folder: string, entry: Dirent): Promise<"folder" | "file" | null> {
  if (entry.isDirectory()) return "folder";
  if (entry.isFile()) return "file";
  if (!entry.isSymbolicLink()) return null;
  const target = await stat(join(folder, entry.name)).catch(() => null);
  if (target?.isDirectory()) return "folder";
  return target?.isFile() ? "file" : null;
}

function leaveOut(leftOut: LeftOut, path: string): void {
  leftOut.count += 1;
  if (leftOut.examples.length < EXAMPLES) leftOut.examples.push(path);
}

function requireSameClasses(root: string, train: string[], val: string[]): void {
  const inVal = new Set(val);
  const inTrain = new Set(train);
  const only = [
    ...train.filter((name) => !inVal.has(name)).map((name) => `train/${name}`),
    ...val.filter((name) => !inTrain.has(name)).map((name) => `val/${name}`),
  ];
  if (only.length === 0) return;
  const shown = only.slice(0, 5).join(", ") + (only.length > 5 ? ", ..." : "");
  throw new UserError(
    `${root}: train and val must have the same class folders; found only in one: ${shown}`,
  );
}

async function listSplit(
  root: string,
  split: string,
  classes: string[],
  leftOut: LeftOut,
): Promise<ImageFile[]> {
  const files: ImageFile[] = [];
  for (const [label, name] of classes.entries()) {
    const before = files.length;
    const folder = join(root, split, name);
    for (const entry of sorted(await readClass(folder))) {
      const path = `${split}/${name}/${entry.name}`;
      const isImage = !isHidden(entry) && IMAGE_NAME.test(entry.name);
      if (isImage && (await kindOf(folder, entry)) === "file") files.push({ path, label });
      else leaveOut(leftOut, path);
    }
    if (files.length === before)
      throw new UserError(
        `${folder}: must hold at least one image, such as *.JPEG (${IMAGE_NAMES}); found none`,
      );
  }
  return files;
}

function readClass(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
    const rule = "must be a folder of images that can be read";
    throw new UserError(`${folder}: ${rule}; found ${cause.message}`, undefined, { cause });
  });
}

/** Sorted as whole paths: a class "a" sorts before "a-b" as a name, but "a/" after "a-b/" as part of a path. */
function listDigest(files: ImageFile[]): string {
  const digest = createHash("sha256");
  for (const path of files.map((file) => file.path).sort()) digest.update(`${path}\n`);
  return digest.digest("hex");
}
