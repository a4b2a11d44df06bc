/** @file Training images as pictures of a page that stays on this machine: no licence of a data set is asked for there. */

import { encode } from "fast-png";
import { datasetLabel } from "../../record/datasets.ts";
import type { Protocol } from "../../record/protocols.ts";
import { cacheFolder } from "../data/cache-folder.ts";
import { loadDataset, visibleDamage } from "../data/cached-dataset.ts";
import { openLocal } from "../data/local/opened.ts";
import { DATASETS, type DatasetName } from "../data/opened-datasets.ts";
import { UserError } from "../errors.ts";

export interface Picture {
  /** Of its class; its number where the data set names none. */
  name: string;
  /** `data:image/png;base64,...` */
  address: string;
}

/** By an image's index in the full training set. */
export type Pictures = (index: number) => Picture;

/** Nothing is fetched. @returns a sentence where there are none. */
export async function trainingPictures(protocol: Protocol): Promise<Pictures | string> {
  try {
    const images = await trainingImages(protocol);
    if (images === null) return NOT_IN_MEMORY;
    return typeof images === "string" ? images : picturesOf(images);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `The images could not be read: ${error.message}`;
  }
}

interface TrainingImages {
  /** NHWC. */
  pixels: Uint8Array;
  labels: ArrayLike<number>;
  classNames: readonly string[];
  shape: { height: number; width: number; channels: number };
}

/** Null where they are not bytes in memory. */
async function trainingImages(protocol: Protocol): Promise<TrainingImages | string | null> {
  if (typeof protocol.dataset !== "string") {
    const { labels, resident } = await openLocal(protocol, cacheFolder());
    const pixels = resident?.train;
    if (!(pixels instanceof Uint8Array)) return null;
    return { pixels, labels: labels.train, classNames: [], shape: protocol.image };
  }
  const name = datasetLabel(protocol);
  if (!Object.hasOwn(DATASETS, name)) return null; // ImageNet
  const damage = await visibleDamage(DATASETS[name as DatasetName], cacheFolder());
  if (damage !== null)
    return `The images cannot be read from this machine's cache (${damage.message}); rademark data get ${name} fetches them.`;
  const { train, classNames, ...shape } = await loadDataset(name);
  return { pixels: train.images, labels: train.labels, classNames, shape };
}

function picturesOf({ pixels, labels, classNames, shape }: TrainingImages): Pictures | string {
  const { height, width, channels } = shape;
  if (channels !== 1 && channels !== 3) return NOT_IN_MEMORY;
  const size = height * width * channels;
  return (index) => {
    const data = pixels.slice(index * size, (index + 1) * size);
    const png = Buffer.from(encode({ width, height, channels, depth: 8, data }));
    const own = labels[index]!;
    return {
      name: classNames[own] ?? `class ${own}`,
      address: `data:image/png;base64,${png.toString("base64")}`,
    };
  };
}

const NOT_IN_MEMORY =
  "The images are not shown: only 8-bit images with one or three channels that fit into memory are.";
