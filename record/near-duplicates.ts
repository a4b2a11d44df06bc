/** @file Test images with a near-duplicate in the training set, by pixel distance (method.md section 5); `replicate/near-duplicates.ts` found them. */

import type { ProtocolDataset } from "./datasets.ts";
import list from "./near-duplicates.json" with { type: "json" };

/** Indices of a test image and of a training image, both in the full official split; ascending. */
export type NearDuplicates = readonly (readonly [test: number, train: number])[];

/** Null for a data set that nobody has looked through. */
export function nearDuplicatesOf(dataset: ProtocolDataset): NearDuplicates | null {
  return dataset === list.dataset ? (list.pairs as [number, number][]) : null;
}
