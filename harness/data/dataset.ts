/** @file What a data set is, before and after its images are in memory. */

/** Images are uint8 [count, height, width, channels] and labels uint8 [count], both in official order. */
export interface Split {
  images: Uint8Array;
  labels: Uint8Array;
}

export const SPLITS = ["train", "test"] as const;
export type SplitName = (typeof SPLITS)[number];

/** Canonical digests, as `canonicalDigest` computes them. */
export type Digests = Record<SplitName, string>;

export interface DatasetDescription {
  name: string;
  classes: number;
  classNames: readonly string[];
  height: number;
  width: number;
  channels: number;
  /** Images of each split. */
  counts: Record<SplitName, number>;
  /** Per channel, over every pixel of the full training set, as shares of 255. */
  mean: readonly number[];
  std: readonly number[];
  /** Null: nobody has published them, so the first download pins its own. */
  digests: Digests | null;
}

export interface Dataset extends DatasetDescription {
  digests: Digests;
  train: Split;
  test: Split;
}

/** Bytes of one image. */
export function imageBytes(dataset: DatasetDescription): number {
  return dataset.height * dataset.width * dataset.channels;
}

/** Bytes of a split in the canonical form: all images, then all labels. */
export function splitBytes(dataset: DatasetDescription, split: SplitName): number {
  return dataset.counts[split] * (imageBytes(dataset) + 1);
}

/** The two parts of a split's canonical form, without copying. */
export function splitViews(dataset: DatasetDescription, canonical: Uint8Array): Split {
  const end = (canonical.length / (imageBytes(dataset) + 1)) * imageBytes(dataset);
  return { images: canonical.subarray(0, end), labels: canonical.subarray(end) };
}
