/** @file The data sets, as facts: shape, size, normalization, and the digests that decide (method.md section 7). */

import { z } from "zod";

export const DATASET_NAMES = ["fashion-mnist", "cifar10", "cifar100", "imagenet"] as const;
export type DatasetName = (typeof DATASET_NAMES)[number];

export interface DatasetFacts {
  classes: number;
  image: { height: number; width: number; channels: number };
  /** Per channel, of the full training set, pixels from 0 to 1. */
  normalize: { mean: number[]; std: number[] };
  /** SHA-256 of all images (uint8, NHWC, official order), then all labels (uint8). Null: not pinned. */
  digests: { train: string | null; test: string | null };
  trainSamples: number;
  testSamples: number;
  /** Training images of each class; null where classes differ in size. */
  perClass: number | null;
}

export const DATASETS: Record<DatasetName, DatasetFacts> = {
  "fashion-mnist": {
    classes: 10,
    image: { height: 28, width: 28, channels: 1 },
    normalize: { mean: [0.28604], std: [0.35302] },
    digests: {
      train: "16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157",
      test: "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4",
    },
    trainSamples: 60_000,
    testSamples: 10_000,
    perClass: 6000,
  },
  cifar10: {
    classes: 10,
    image: { height: 32, width: 32, channels: 3 },
    normalize: { mean: [0.4914, 0.48216, 0.44653], std: [0.24703, 0.24349, 0.26159] },
    digests: {
      train: "f912919bdea371136f1aa4feed6beeca728015a5f08b1899a29c932a7e30be2b",
      test: "8193b3fbce55bec361cd1b8fd4880cb1649832dc4d6de6da1e7a21847a4843aa",
    },
    trainSamples: 50_000,
    testSamples: 10_000,
    perClass: 5000,
  },
  cifar100: {
    classes: 100,
    image: { height: 32, width: 32, channels: 3 },
    normalize: { mean: [0.50708, 0.48655, 0.44092], std: [0.26733, 0.25644, 0.27615] },
    digests: { train: null, test: null },
    trainSamples: 50_000,
    testSamples: 10_000,
    perClass: 500,
  },
  imagenet: {
    classes: 1000,
    image: { height: 224, width: 224, channels: 3 },
    normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    digests: { train: null, test: null },
    trainSamples: 1_281_167,
    testSamples: 50_000,
    perClass: null,
  },
};

/** Data of somebody's own; digests, classes, image and normalization stand in the protocol itself (method.md section 7). */
export const LocalDataset = z.strictObject({
  kind: z.enum(["images", "arrays"]),
  /** As stored: uint8 is seen as a share of 255, float32 as it is. */
  values: z.enum(["uint8", "float32"]),
  trainSamples: z.int().min(2).max(100_000_000),
  testSamples: z.int().min(1).max(100_000_000),
  /** Training samples of the smallest class. */
  smallestClass: z.int().min(1),
});
export type LocalDataset = z.infer<typeof LocalDataset>;

/** A published name, or a description of what has none. */
export const ProtocolDataset = z.union([z.enum(DATASET_NAMES), LocalDataset], {
  error: `Invalid option: expected one of ${DATASET_NAMES.map((name) => `"${name}"`).join("|")}`,
});
export type ProtocolDataset = z.infer<typeof ProtocolDataset>;

/** The full splits of a data set, published or not. */
export interface SplitSizes {
  trainSamples: number;
  testSamples: number;
  /** Training samples that every class has at least; null: not known. */
  perClass: number | null;
}

export function splitSizes(dataset: ProtocolDataset): SplitSizes {
  if (typeof dataset === "string") return DATASETS[dataset];
  return { ...dataset, perClass: dataset.smallestClass };
}

/** Number of samples that a protocol trains on. */
export function trainedSamples(protocol: {
  dataset: ProtocolDataset;
  classes: number;
  subset: { perClass: number } | null;
}): number {
  const { dataset, classes, subset } = protocol;
  return subset === null ? splitSizes(dataset).trainSamples : subset.perClass * classes;
}

/** `cifar10`, or for somebody's own `local data 3f2a9c1b`, the first digits of its training split's digest. */
export function datasetLabel(protocol: {
  dataset: ProtocolDataset;
  digests: { train: string | null };
}): string {
  const { dataset, digests } = protocol;
  return typeof dataset === "string" ? dataset : `local data ${digests.train?.slice(0, 8) ?? ""}`;
}

interface Storage {
  dataset: ProtocolDataset;
  image: { height: number; width: number; channels: number };
  augmentation: { kind: string };
}

/** Whether each image is read from its file whenever it is needed, as ImageNet's are: a random crop needs all of it. */
export function readsImageFiles({ dataset, augmentation }: Storage): boolean {
  if (typeof dataset === "string") return dataset === "imagenet";
  return dataset.kind === "images" && augmentation.kind === "flip-resized-crop";
}

/** Local data up to this size live in memory. */
const MOST_RESIDENT_BYTES = 2 * 2 ** 30;

/** Whether a batch's pixels come from the disk with each call, instead of all living in memory. */
export function isStreamed(protocol: Storage): boolean {
  const { dataset, image } = protocol;
  if (typeof dataset === "string" || readsImageFiles(protocol)) return readsImageFiles(protocol);
  const samples = dataset.trainSamples + dataset.testSamples;
  const bytes = samples * image.height * image.width * image.channels;
  return bytes * (dataset.values === "float32" ? 4 : 1) > MOST_RESIDENT_BYTES;
}

/** What a run was computed on, in one word. */
export const DEVICES = ["cpu", "cuda"] as const;

export const Device = z.enum(DEVICES);
export type Device = z.infer<typeof Device>;
