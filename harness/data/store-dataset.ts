/** @file Puts a fetched data set into the cache: all of it or nothing. */

import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { datasetFolder, type Pinned, readCached, splitPath } from "./cached-dataset.ts";
import { type DatasetDescription, SPLITS } from "./dataset.ts";
import type { CanonicalSplits } from "./sources/source.ts";

/**
 * Writes and syncs the files in `partial` (on the cache's file system), then renames them into place as one folder.
 * Where another process was quicker, its files stay; damaged ones are replaced.
 */
export async function storeDataset(
  dataset: DatasetDescription,
  splits: CanonicalSplits,
  pinned: Pinned,
  { cache, partial }: { cache: string; partial: string },
): Promise<void> {
  const ready = join(partial, "ready");
  await mkdir(ready);
  for (const split of SPLITS)
    await writeFile(splitPath(ready, split), splits[split], { flush: true });
  const text = `${JSON.stringify(pinned, null, 2)}\n`;
  await writeFile(join(ready, "digest.json"), text, { flush: true });
  const final = datasetFolder(dataset, cache);
  while (!(await renamed(ready, final, TAKEN))) {
    if (await isIntact(dataset, cache)) return;
    await renamed(final, join(partial, randomUUID()), MOVED);
  }
}

/** Error codes of a rename onto a folder that is not empty. */
const TAKEN = ["ENOTEMPTY", "EEXIST"];
/** Error code of a rename of a folder that another process has moved. */
const MOVED = ["ENOENT"];

/** False for the expected error codes. */
async function renamed(from: string, to: string, expected: string[]): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (expected.includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

async function isIntact(dataset: DatasetDescription, cache: string): Promise<boolean> {
  return readCached(dataset, cache).then(
    () => true,
    () => false,
  );
}
