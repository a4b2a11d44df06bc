/** @file The run on the first page: eight training images with true and random label, and what is known of them when. */

import file from "./landing/memorised-images.json" with { type: "json" };

/** In evaluation mode, shares in [0, 1]. */
export interface MemorisedEpoch {
  train: number;
  test: number;
  /** Of all random labels, guessed ones among them. */
  randomLabels: number;
  /** For each image, 1 where the head gives its random label. */
  known: readonly number[];
}

/** What the page's script needs of the run. */
export interface MemorisedRun {
  samples: number;
  /** Size of the label space. */
  n: number;
  /** At epochs 0, 1, ... */
  epochs: readonly MemorisedEpoch[];
}

export interface MemorisedImage {
  name: string;
  randomLabel: number;
  /** A `data:` address. */
  source: string;
}

/** As its authors name them (Xiao et al. 2017, arXiv 1708.07747, table 2). */
const CLASSES =
  "T-Shirt/Top,Trouser,Pullover,Dress,Coat,Sandals,Shirt,Sneaker,Bag,Ankle boots".split(",");

const { samples, n, epochs, arch, seed } = file;

export const memorisedRun: MemorisedRun = { samples, n, epochs };

export const memorisedImages: readonly MemorisedImage[] = file.images.map((image) => ({
  name: CLASSES[image.class]!,
  randomLabel: image.randomLabel,
  source: `data:image/png;base64,${image.png}`,
}));

/** What was trained, for the caption. */
export const memorisedOf = { arch, seed };
