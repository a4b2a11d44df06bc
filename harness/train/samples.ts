/** @file The samples of a run: the protocol's subset of a data set, resident or streamed. */

import type { Protocol } from "../../record/protocols.ts";
import { UserError } from "../errors.ts";

/** One split in memory. */
export interface Split {
  /** uint8 NHWC. */
  images: Uint8Array;
  labels: Uint8Array | Int32Array;
}

/** What training needs of a data set. */
export interface Samples {
  /** Index of each training sample in the full official training set. */
  trainIndices: Int32Array;
  trainClasses: Int32Array;
  testClasses: Int32Array;
  /** Pixels of both splits, or null where `pixels` reads them from disk. */
  resident: { train: Uint8Array; test: Uint8Array } | null;
  /** Streamed pixels of some rows; `training` asks for the protocol's augmented view. */
  pixels: PixelSource | null;
}

export type PixelSource = (
  split: "train" | "test",
  rows: Int32Array,
  view: { training: boolean; key: number },
) => Promise<Uint8Array> | Uint8Array;

/**
 * The first `perClass` images of each class in official order, kept in that order; without a rule, all.
 *
 * @throws UserError when a class has fewer.
 */
export function subsetIndices(labels: ArrayLike<number>, protocol: Protocol): Int32Array {
  const all = Int32Array.from({ length: labels.length }, (_, i) => i);
  if (!protocol.subset) return all;
  const { perClass } = protocol.subset;
  const taken = new Int32Array(protocol.classes);
  const chosen = all.filter((i) => taken[labels[i]!]!++ < perClass);
  const short = taken.findIndex((count) => count < perClass);
  if (short >= 0)
    throw new UserError(
      `${protocol.dataset}: class ${short} has ${taken[short]} training images, ` +
        `subset.perClass asks for ${perClass}`,
    );
  return chosen;
}

/** A data set in memory, cut to the protocol's subset. */
export function residentSamples(
  dataset: { train: Split; test: Split },
  protocol: Protocol,
): Samples {
  const { height, width, channels } = protocol.image;
  const size = height * width * channels;
  const indices = subsetIndices(dataset.train.labels, protocol);
  const train = new Uint8Array(indices.length * size);
  for (const [row, i] of indices.entries())
    train.set(dataset.train.images.subarray(i * size, (i + 1) * size), row * size);
  return {
    trainIndices: indices,
    trainClasses: Int32Array.from(indices, (i) => dataset.train.labels[i]!),
    testClasses: Int32Array.from(dataset.test.labels),
    resident: { train, test: dataset.test.images },
    pixels: null,
  };
}
