/** @file A data set in the cache: `train.bin` and `test.bin` in the canonical form, `digest.json` beside them. */

import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Digest } from "../../record/run.ts";
import { UserError } from "../errors.ts";
import { explainDisk } from "../files.ts";
import { datasetsFolder } from "./cache-folder.ts";
import { canonicalDigest } from "./canonical-digest.ts";
import {
  type Dataset,
  type DatasetDescription,
  SPLITS,
  type SplitName,
  splitBytes,
  splitViews,
} from "./dataset.ts";
import { invalidFile, orInvalid } from "./invalid-file.ts";

/** `digest.json`: what the files hash to, and where they came from. */
const Pinned = z.strictObject({ train: Digest, test: Digest, source: z.string() });
export type Pinned = z.infer<typeof Pinned>;

export function datasetFolder(dataset: DatasetDescription, cache: string): string {
  return join(datasetsFolder(cache), dataset.name);
}

/**
 * Reads a data set and compares its digests: with the published ones, or else with those of its first download.
 *
 * @throws UserError when a file is missing, truncated or altered.
 */
export async function readCached(dataset: DatasetDescription, cache: string): Promise<Dataset> {
  const folder = datasetFolder(dataset, cache);
  const { train, test } = await readPinned(folder);
  const digests = dataset.digests ?? { train, test };
  const read = async (split: SplitName) => {
    const place = splitPath(folder, split);
    const bytes = await readWhole(place, await requireSize(dataset, split, folder));
    const found = canonicalDigest(bytes);
    if (found !== digests[split])
      throw invalidFile(place, `must have the SHA-256 ${digests[split]}`, found);
    return splitViews(dataset, bytes);
  };
  return { ...dataset, digests, train: await read("train"), test: await read("test") };
}

/** Null when names and sizes are as they should be; cheap, for lists. */
export async function visibleDamage(
  dataset: DatasetDescription,
  cache: string,
): Promise<UserError | null> {
  const folder = datasetFolder(dataset, cache);
  try {
    await readPinned(folder);
    for (const split of SPLITS) await requireSize(dataset, split, folder);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** @throws UserError when `digest.json` is missing or not as it was written. */
export async function readPinned(folder: string): Promise<Pinned> {
  const place = join(folder, "digest.json");
  const text = await readFile(place, "utf8").catch(sayMissing(place));
  const parse = () => Pinned.parse(JSON.parse(text));
  return orInvalid(place, "must be the JSON that was written beside the images", parse);
}

export function splitPath(folder: string, split: SplitName): string {
  return join(folder, `${split}.bin`);
}

/** @returns the size. */
async function requireSize(
  dataset: DatasetDescription,
  split: SplitName,
  folder: string,
): Promise<number> {
  const place = splitPath(folder, split);
  const expected = splitBytes(dataset, split);
  const { size } = await stat(place).catch(sayMissing(place));
  if (size !== expected) throw invalidFile(place, `must be ${expected} bytes`, `${size}`);
  return size;
}

/** One read into one buffer; `readFile` reads in pieces and takes half as long again. */
async function readWhole(path: string, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  const file = await open(path).catch(sayMissing(path));
  try {
    let done = 0;
    while (done < size) {
      const reading = file.read(bytes, done, size - done, done);
      const { bytesRead } = await reading.catch(sayMissing(path));
      if (bytesRead === 0) throw invalidFile(path, `must be ${size} bytes`, `${done}`);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** A missing file breaks a rule of the cache; what else the disk says is put into words. */
function sayMissing(place: string) {
  return (error: NodeJS.ErrnoException): never => {
    if (error.code === "ENOENT") throw invalidFile(place, "must be there", "no such file", error);
    throw explainDisk(error, place);
  };
}
