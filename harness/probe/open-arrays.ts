/** @file Finds the arrays in a file by its content, whatever its name. */

import { statSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { ArrayUse } from "./array-use.ts";
import { npyArray, NPY_MAGIC } from "./npy-file.ts";
import { looksLikeSafetensors, safetensorsArrays } from "./safetensors-file.ts";
import { ByteReader, type StoredArray } from "./stored-array.ts";

/** Files that are often taken for the right ones, by their first bytes. */
const FOREIGN: readonly [start: string, what: string][] = [
  ["PK\x03\x04", "a zip archive, as np.savez and torch.save write it"],
  ["\x80", "a Python pickle, which is never loaded"],
  ["\x89HDF", "an HDF5 file"],
  ["\x1f\x8b", "a gzip file"],
];

/** What to write instead. */
const WRITE: Record<ArrayUse, string> = {
  features: "Write features with np.save(path, array), or several taps with safetensors.",
  labels: "Write labels with np.save(path, labels).",
};

/** The arrays of a .npy (one) or safetensors file (none or more). @throws UserError for any other file. */
export function openArrays(path: string, use: ArrayUse = "features"): StoredArray[] {
  const reader = new ByteReader(path);
  try {
    const { size } = statSync(path);
    const start = Buffer.alloc(Math.min(size, 9));
    reader.read(0, start.length, start);
    if (start.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC)) return [npyArray(reader, size, use)];
    if (looksLikeSafetensors(start)) return safetensorsArrays(reader, size, use);
    const foreign = FOREIGN.find(([magic]) => start.toString("latin1").startsWith(magic));
    throw new UserError(
      `${path} is ${size === 0 ? "empty" : (foreign?.[1] ?? "neither .npy nor safetensors")}. ${WRITE[use]}`,
    );
  } finally {
    reader.close();
  }
}
