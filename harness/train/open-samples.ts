/** @file The samples a protocol trains on, from the cached data set or an ImageNet folder. */

import type { Protocol } from "../../record/protocols.ts";
import { imageBatches } from "../data/image-batches.ts";
import { loadDataset } from "../data/load-dataset.ts";
import {
  IMAGENET_VARIABLE,
  isStreamed,
  openProtocolImages,
  protocolView,
} from "../data/protocol-images.ts";
import { UserError } from "../errors.ts";
import { uniform } from "../random.ts";
import { type PixelSource, type Samples, residentSamples, subsetIndices } from "./samples.ts";

/** @throws UserError when the data set is missing, damaged, or not the one the protocol pins. */
export async function openSamples(protocol: Protocol): Promise<Samples> {
  if (isStreamed(protocol)) return imageFolder(protocol);
  const dataset = await loadDataset(protocol.dataset);
  for (const split of ["train", "test"] as const) {
    const pinned = protocol.digests[split];
    if (pinned !== null && pinned !== dataset.digests[split])
      throw new UserError(
        `${protocol.name} pins ${protocol.dataset} ${split} to SHA-256 ${pinned}, ` +
          `the cached one has ${dataset.digests[split]}. Run: rademark data verify ${protocol.dataset}`,
      );
  }
  return residentSamples(dataset, protocol);
}

async function imageFolder(protocol: Protocol): Promise<Samples> {
  const seen = protocolView(protocol);
  const folder = await openProtocolImages(protocol, process.env[IMAGENET_VARIABLE]);
  const { root } = folder;
  const labels = { train: labelsOf(folder.train), test: labelsOf(folder.val) };
  const trainIndices = subsetIndices(labels.train, protocol);
  const files = { train: folder.train, test: folder.val };
  const pixels: PixelSource = async (split, rows, view) => {
    const order = split === "train" ? rows.map((row) => trainIndices[row]!) : rows;
    const draw = (index: number, ...words: number[]) => uniform(view.key, index, ...words);
    const stream = {
      root,
      files: files[split],
      order,
      batch: rows.length,
      uniform: view.training ? draw : null,
      view: seen,
    };
    for await (const { images } of imageBatches(stream)) return images;
    throw new Error("an empty batch");
  };
  return {
    trainIndices,
    trainClasses: trainIndices.map((i) => labels.train[i]!),
    testClasses: labels.test,
    resident: null,
    pixels,
  };
}

const labelsOf = (files: readonly { label: number }[]) =>
  Int32Array.from(files, ({ label }) => label);
