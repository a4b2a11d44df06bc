/** @file ImageNet, or anything laid out like it: train/CLASS/*.JPEG and val/CLASS/*.JPEG. */

import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";

/** Of ImageNet's training set, per channel, as shares of 255, as every recipe for it uses them. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406];
export const IMAGENET_STD = [0.229, 0.224, 0.225];

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
  /** SHA-256 of the sorted list of all paths, each followed by a line feed: method.md section 7. */
  digest: string;
}

/**
 * Lists the folder; no image is opened.
 *
 * @throws UserError when a part of the layout is missing, a class has no image, or the two splits differ in classes.
 */
export async function openImageFolder(root: string): Promise<ImageFolder> {
  const classes = await classFolders(root, "train");
  const found = await classFolders(root, "val");
  requireSameClasses(root, classes, found);
  const train = await listSplit(root, "train", classes);
  const val = await listSplit(root, "val", classes);
  return { root, classes, train, val, digest: listDigest([...train, ...val]) };
}

async function classFolders(root: string, split: string): Promise<string[]> {
  const folder = join(root, split);
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
    const rule = "must be a folder with one folder of .JPEG files for each class";
    throw new UserError(`${folder}: ${rule}; found ${cause.message}`, undefined, { cause });
  });
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  const names = folders.map(({ name }) => name).filter((name) => !name.startsWith("."));
  if (names.length === 0)
    throw new UserError(`${folder}: must hold one folder for each class; found none`);
  return names.sort();
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

async function listSplit(root: string, split: string, classes: string[]): Promise<ImageFile[]> {
  const files: ImageFile[] = [];
  for (const [label, name] of classes.entries()) {
    const folder = join(root, split, name);
    const images = (await readdir(folder)).filter((file) => file.endsWith(".JPEG")).sort();
    if (images.length === 0)
      throw new UserError(`${folder}: must hold at least one file named *.JPEG; found none`);
    for (const image of images) files.push({ path: `${split}/${name}/${image}`, label });
  }
  return files;
}

/** Sorted as whole paths: a class "a" sorts before "a-b" as a name, but "a/" after "a-b/" as part of a path. */
function listDigest(files: ImageFile[]): string {
  const digest = createHash("sha256");
  for (const path of files.map((file) => file.path).sort()) digest.update(`${path}\n`);
  return digest.digest("hex");
}
