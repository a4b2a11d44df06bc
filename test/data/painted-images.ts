/** @file A folder of images for all tests of a file, each of one colour, and their batches. */

import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import {
  imageBatches,
  type ImageBatch,
  type ImageStream,
} from "../../harness/data/image-batches.ts";
import { openImageFolder } from "../../harness/data/image-folder.ts";
import { tf } from "../../harness/engine/tensorflow.ts";

export const root = mkdtempSync(join(tmpdir(), "rademark-images-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Sizes [height, width] and colours of the training images, in the order of their names. */
export const IMAGES = [
  { path: "train/a/0.JPEG", size: [300, 400], color: [200, 30, 60] },
  { path: "train/a/1.JPEG", size: [64, 48], color: [10, 220, 90] },
  { path: "train/a/2.JPEG", size: [500, 320], color: [90, 90, 240] },
  { path: "train/b/3.JPEG", size: [224, 224], color: [5, 5, 5] },
  { path: "train/b/4.JPEG", size: [256, 700], color: [250, 250, 250] },
  { path: "val/a/5.JPEG", size: [300, 400], color: [1, 128, 255] },
  { path: "val/b/6.JPEG", size: [224, 224], color: [128, 128, 128] },
] as const;

export type Paint = (row: number, column: number, channel: number) => number;

export async function jpeg(
  [height, width]: readonly [number, number],
  paint: Paint,
): Promise<Uint8Array> {
  const values = Int32Array.from({ length: height * width * 3 }, (_, i) =>
    paint(Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3),
  );
  const image = tf.tensor3d(values, [height, width, 3], "int32");
  const bytes = await tf.node.encodeJpeg(image, "rgb", 100, false, false, false);
  image.dispose();
  return bytes;
}

for (const { path, size, color } of IMAGES) {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), await jpeg(size, (row, column, channel) => color[channel]!));
}
export const folder = await openImageFolder(root);

export async function collect(changed: Partial<ImageStream>): Promise<ImageBatch[]> {
  const order = Int32Array.from(folder.train.keys());
  const stream = { root, files: folder.train, order, batch: 2, uniform: null, ...changed };
  const batches: ImageBatch[] = [];
  for await (const batch of imageBatches(stream)) batches.push(batch);
  return batches;
}
