/** @file The data sets with fixed splits. ImageNet is a folder of the user's: see image-folder.ts. */

import { didYouMean } from "../../record/nearest.ts";
import { UserError } from "../errors.ts";
import { CIFAR100_CLASSES, CIFAR10_CLASSES, FASHION_MNIST_CLASSES } from "./class-names.ts";
import type { DatasetDescription } from "./dataset.ts";

const CIFAR_SHAPE = { height: 32, width: 32, channels: 3, counts: { train: 50_000, test: 10_000 } };

export const DATASETS = {
  /** Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747. */
  "fashion-mnist": {
    name: "fashion-mnist",
    classes: 10,
    classNames: FASHION_MNIST_CLASSES,
    height: 28,
    width: 28,
    channels: 1,
    counts: { train: 60_000, test: 10_000 },
    // Computed from the decoded training images; a test computes them again.
    mean: [0.28604],
    std: [0.35302],
    digests: {
      train: "16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157",
      test: "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4",
    },
  },
  /** Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images". */
  cifar10: {
    name: "cifar10",
    classes: 10,
    classNames: CIFAR10_CLASSES,
    ...CIFAR_SHAPE,
    // As published with the method; a test computes them again from the decoded training images.
    mean: [0.4914, 0.48216, 0.44653],
    std: [0.24703, 0.24349, 0.26159],
    digests: {
      train: "f912919bdea371136f1aa4feed6beeca728015a5f08b1899a29c932a7e30be2b",
      test: "8193b3fbce55bec361cd1b8fd4880cb1649832dc4d6de6da1e7a21847a4843aa",
    },
  },
  /** The same report; labels are the fine ones. */
  cifar100: {
    name: "cifar100",
    classes: 100,
    classNames: CIFAR100_CLASSES,
    ...CIFAR_SHAPE,
    // As published with the WRN recipe of the method's authors.
    mean: [0.50708, 0.48655, 0.44092],
    std: [0.26733, 0.25644, 0.27615],
    digests: null,
  },
} as const satisfies Record<string, DatasetDescription>;

export type DatasetName = keyof typeof DATASETS;

export const DATASET_NAMES = Object.keys(DATASETS) as DatasetName[];

/** @throws UserError for a name that is not among them, with the nearest one that is. */
export function datasetName(text: string): DatasetName {
  if (Object.hasOwn(DATASETS, text)) return text as DatasetName;
  const known = DATASET_NAMES.join(", ");
  throw new UserError(
    `data set: must be one of ${known}; found "${text}"${didYouMean(text, DATASET_NAMES)}`,
  );
}
