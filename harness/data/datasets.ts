/** @file The data sets with fixed splits. ImageNet is a folder of the user's: see image-folder.ts. */

import {
  DATASETS as FACTS,
  type DatasetFacts,
  type DatasetName as RecordName,
} from "../../record/datasets.ts";
import { didYouMean } from "../../record/problem.ts";
import { UserError } from "../errors.ts";
import { CIFAR100_CLASSES, CIFAR10_CLASSES, FASHION_MNIST_CLASSES } from "./class-names.ts";
import type { DatasetDescription } from "./dataset.ts";

/** What the record knows of it, in the order that a reader of images wants. */
function described<Name extends RecordName>(name: Name, classNames: readonly string[]) {
  const { classes, image, normalize, digests, trainSamples, testSamples } = FACTS[name];
  const counts = { train: trainSamples, test: testSamples };
  return { name, classes, classNames, ...image, counts, ...normalize, digests: pinned(digests) };
}

function pinned({ train, test }: DatasetFacts["digests"]) {
  return train === null || test === null ? null : { train, test };
}

export const DATASETS = {
  /** Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747. */
  "fashion-mnist": described("fashion-mnist", FASHION_MNIST_CLASSES),
  /** Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images". */
  cifar10: described("cifar10", CIFAR10_CLASSES),
  /** The same report; labels are the fine ones. */
  cifar100: described("cifar100", CIFAR100_CLASSES),
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
