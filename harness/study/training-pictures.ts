/** @file Training images as pictures of a page that stays on this machine: no licence of a data set is asked for there. */

import { encode } from "fast-png";
import { datasetLabel } from "../../record/datasets.ts";
import type { Protocol } from "../../record/protocols.ts";
import { cacheFolder } from "../data/cache-folder.ts";
import { visibleDamage } from "../data/cached-dataset.ts";
import { DATASETS, type DatasetName } from "../data/opened-datasets.ts";
import { UserError } from "../errors.ts";
import { openSamples } from "../train/samples.ts";

export interface Picture {
  /** Of its class; its number where the data set names none. */
  name: string;
  /** `data:image/png;base64,...` */
  address: string;
}

/** By a training sample's row. */
export type Pictures = (row: number) => Picture;

/** Nothing is fetched. @returns a sentence where there are none. */
export async function trainingPictures(protocol: Protocol): Promise<Pictures | string> {
  const named = datasetNamed(protocol);
  if (named !== null && (await visibleDamage(DATASETS[named], cacheFolder())) !== null)
    return `The images are not on this machine; rademark data get ${named} fetches them.`;
  if (protocol.dataset === "imagenet") return NOT_IN_MEMORY;
  try {
    const { resident, trainClasses } = await openSamples(protocol);
    const { height, width, channels } = protocol.image;
    const pixels = resident?.train;
    if (!(pixels instanceof Uint8Array) || (channels !== 1 && channels !== 3)) return NOT_IN_MEMORY;
    const size = height * width * channels;
    const classNames: readonly string[] = named === null ? [] : DATASETS[named].classNames;
    return (row) => {
      const data = pixels.slice(row * size, (row + 1) * size);
      const png = Buffer.from(encode({ width, height, channels, depth: 8, data }));
      const own = trainClasses[row]!;
      return {
        name: classNames[own] ?? `class ${own}`,
        address: `data:image/png;base64,${png.toString("base64")}`,
      };
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `The images could not be read: ${error.message}`;
  }
}

/** Null for somebody's own data, and for ImageNet. */
function datasetNamed(protocol: Protocol): DatasetName | null {
  const name = typeof protocol.dataset === "string" ? datasetLabel(protocol) : null;
  return name !== null && Object.hasOwn(DATASETS, name) ? (name as DatasetName) : null;
}

const NOT_IN_MEMORY =
  "The images are not shown: only 8-bit images with one or three channels that fit into memory are.";
