/** @file Room and the right to write where the product writes. */

import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type Check, fail, ok, warn } from "./check.ts";

const GIB = 2 ** 30;
/** All data sets, or the output of a large sweep. */
const COMFORTABLE = 3 * GIB;
const NEEDED = 0.2 * GIB;

export interface Disk {
  name: string;
  folder: string;
  /** Null when the folder cannot be looked at. */
  freeBytes: number | null;
  totalBytes: number | null;
}

export function lookAtDisk(name: string, folder: string): Disk {
  try {
    const { bavail, blocks, bsize } = statfsSync(nearest(folder));
    return { name, folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return { name, folder, freeBytes: null, totalBytes: null };
  }
}

/** @param elsewhere the command that takes another disk. */
export function diskCheck({ name, folder, freeBytes }: Disk, elsewhere: string): Check {
  if (freeBytes === null || !isWritable(nearest(folder)))
    return fail(name, `Nothing can be written to ${folder}.`, elsewhere);
  const says = `${(freeBytes / GIB).toFixed(1)} GiB are free for ${folder}.`;
  if (freeBytes < NEEDED) return fail(name, says, elsewhere);
  return freeBytes < COMFORTABLE ? warn(name, says, elsewhere) : ok(name, says);
}

/** The folder itself, or the nearest one above that exists: a folder not made yet lies on its disk. */
export function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
