/** @file Joins decoded batches into the canonical form of a split. */

import {
  type DatasetDescription,
  type SplitName,
  invalidFile,
  requireLabels,
  splitBytes,
} from "../opened-datasets.ts";

/**
 * Joins batches in their order: all images, then all labels.
 *
 * @throws UserError when there are more or fewer of either than the split has, or a label is not a class.
 */
export function canonicalSplit(
  dataset: DatasetDescription,
  split: SplitName,
  images: readonly Uint8Array[],
  labels: readonly Uint8Array[],
): Uint8Array {
  const count = dataset.counts[split];
  const size = splitBytes(dataset, split);
  const place = `${dataset.name} ${split}`;
  requireBytes(`${place} images`, size - count, images);
  requireBytes(`${place} labels`, count, labels);
  const canonical = new Uint8Array(size);
  let at = 0;
  for (const part of [...images, ...labels]) {
    canonical.set(part, at);
    at += part.length;
  }
  requireLabels(canonical.subarray(size - count), dataset.classes, place);
  return canonical;
}

function requireBytes(place: string, expected: number, parts: readonly Uint8Array[]): void {
  const found = parts.reduce((sum, part) => sum + part.length, 0);
  if (found !== expected) throw invalidFile(place, `must be ${expected} bytes`, `${found}`);
}
