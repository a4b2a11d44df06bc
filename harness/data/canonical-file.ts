/** @file A split's file in the canonical form, read in pieces: only the images that are asked for stay in memory. */

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { explainDisk } from "../files.ts";
import {
  type DatasetDescription,
  type Split,
  type SplitName,
  imageBytes,
  invalidFile,
} from "./opened-datasets.ts";

/**
 * Which images are kept, ascending, by the labels of all: the rest are read and hashed, and take no memory.
 * Labels are not yet known to be those of the digest.
 */
export type Choice = (labels: Uint8Array) => Int32Array;

/**
 * The labels, which are at the end, then the images in pieces, of which the chosen ones are kept.
 *
 * @returns also the SHA-256 of the whole file, with which labels and images are yet to be compared.
 * @throws UserError when the file cannot be read or ends early.
 */
export async function readSplit(
  dataset: DatasetDescription,
  split: SplitName,
  place: string,
  choice: Choice,
): Promise<Split & { digest: string }> {
  const [count, size] = [dataset.counts[split], imageBytes(dataset)];
  const file = await open(place).catch(explainRead(place));
  try {
    const labels = await readFully(file, place, new Uint8Array(count), count * size);
    const rows = choice(labels);
    const images = new Uint8Array(rows.length * size);
    const sum = createHash("sha256");
    const held = Math.ceil(PIECE_BYTES / size);
    const piece = new Uint8Array(held * size);
    for (let [first, kept] = [0, 0]; first < count; first += held) {
      const end = Math.min(first + held, count);
      const pixels = piece.subarray(0, (end - first) * size);
      sum.update(await readFully(file, place, pixels, first * size));
      for (; kept < rows.length && rows[kept]! < end; kept++) {
        const at = (rows[kept]! - first) * size;
        images.set(pixels.subarray(at, at + size), kept * size);
      }
    }
    return { images, labels, digest: sum.update(labels).digest("hex") };
  } finally {
    await file.close();
  }
}

/** Images that are read and hashed at a time. */
const PIECE_BYTES = 2 ** 20;

/** Rethrows a failed read as a UserError: a missing file breaks a rule of the cache, the rest are errors of the disk. */
export function explainRead(place: string) {
  return (error: NodeJS.ErrnoException): never => {
    if (error.code === "ENOENT") throw invalidFile(place, "must be there", "no such file", error);
    throw explainDisk(error, place);
  };
}

/** @returns `bytes`, filled from `from` on. */
async function readFully(
  file: FileHandle,
  place: string,
  bytes: Uint8Array,
  from: number,
): Promise<Uint8Array> {
  for (let done = 0; done < bytes.length;) {
    const reading = file.read(bytes, done, bytes.length - done, from + done);
    const { bytesRead } = await reading.catch(explainRead(place));
    if (bytesRead === 0) throw invalidFile(place, "must not end early", `${from + done} bytes`);
    done += bytesRead;
  }
  return bytes;
}
