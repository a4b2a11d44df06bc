/** @file The four files of Fashion-MNIST, wherever they lie. */

import { gunzipSync } from "node:zlib";
import type { DatasetDescription, SplitName } from "../dataset.ts";
import { readIdx } from "../idx.ts";
import { invalidFile, orInvalid } from "../invalid-file.ts";
import { canonicalSplit } from "./canonical-split.ts";
import type { CanonicalSplits } from "./source.ts";

const PREFIX: Record<SplitName, string> = { train: "train", test: "t10k" };

/**
 * @param open reads one of the four files by its name.
 * @throws UserError when one is truncated, swapped for another, or otherwise not what its name says.
 */
export async function readIdxFiles(
  dataset: DatasetDescription,
  open: (name: string) => Promise<Uint8Array>,
): Promise<CanonicalSplits> {
  const { height, width } = dataset;
  const read = async (split: SplitName) => {
    const count = dataset.counts[split];
    const file = (kind: string, shape: number[]) =>
      readValues(open, `${PREFIX[split]}-${kind}-idx${shape.length}-ubyte.gz`, shape);
    const images = await file("images", [count, height, width]);
    const labels = await file("labels", [count]);
    return canonicalSplit(dataset, split, [images], [labels]);
  };
  return { train: await read("train"), test: await read("test") };
}

async function readValues(
  open: (name: string) => Promise<Uint8Array>,
  name: string,
  expected: number[],
): Promise<Uint8Array> {
  const zipped = await open(name);
  const bytes = orInvalid(name, "must be a complete gzip file", () => gunzipSync(zipped));
  const { shape, values } = readIdx(bytes, name);
  if (shape.join() === expected.join()) return values;
  throw invalidFile(name, `must hold ${expected.join(" x ")} values`, shape.join(" x "));
}
