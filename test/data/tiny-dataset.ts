/** @file Small data sets in the official formats. */

import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { canonicalDigest } from "../../harness/data/cached-dataset.ts";
import type { DatasetDescription } from "../../harness/data/opened-datasets.ts";
import { type CifarArchive, cifarArchive } from "../../harness/data/sources/sources.ts";

/** What stands at this place of an image: neighbours, channels and images all differ. */
export function pixel(image: number, row: number, column: number, channel: number): number {
  return (image * 101 + row * 7 + column * 3 + channel * 41) % 256;
}

/** One file in CIFAR's official binary format. */
export function cifarRecords(labels: readonly number[], labelBytes: 1 | 2, first = 0): Uint8Array {
  const records = labels.map((label, i) => {
    const planes = [0, 1, 2].flatMap((channel) => pixels(first + i, channel));
    const coarse = labelBytes === 2 ? [(label + 1) % 20] : [];
    return [...coarse, label, ...planes];
  });
  return Uint8Array.from(records.flat());
}

function pixels(image: number, channel: number): number[] {
  return Array.from({ length: 1024 }, (_, i) => pixel(image, i >> 5, i & 31, channel));
}

/** The same images and labels in the canonical form, made independently of the readers. */
export function canonicalCifar(labels: readonly number[], first = 0): Uint8Array {
  const images = labels.flatMap((_, image) =>
    Array.from({ length: 1024 }, (_, i) =>
      [0, 1, 2].map((channel) => pixel(first + image, i >> 5, i & 31, channel)),
    ).flat(),
  );
  return Uint8Array.from([...images, ...labels]);
}

export const TRAIN_LABELS = [3, 1, 4, 1, 5, 9];
export const TEST_LABELS = [2, 6, 0];

/** Six training and three test images, as CIFAR-10 is laid out; their digests are known. */
export const TINY: DatasetDescription = {
  name: "tiny",
  classes: 10,
  classNames: [],
  height: 32,
  width: 32,
  channels: 3,
  counts: { train: TRAIN_LABELS.length, test: TEST_LABELS.length },
  mean: [0, 0, 0],
  std: [1, 1, 1],
  digests: {
    train: canonicalDigest(canonicalCifar(TRAIN_LABELS)),
    test: canonicalDigest(canonicalCifar(TEST_LABELS, 50)),
  },
};

/** Two batches of training images and one of test images: paths and contents of the archive. */
export function tinyFiles(labelBytes: 1 | 2 = 1): Record<string, Uint8Array> {
  return {
    "tiny/data_batch_1.bin": cifarRecords(TRAIN_LABELS.slice(0, 3), labelBytes),
    "tiny/data_batch_2.bin": cifarRecords(TRAIN_LABELS.slice(3), labelBytes, 3),
    "tiny/test_batch.bin": cifarRecords(TEST_LABELS, labelBytes, 50),
  };
}

export async function tarGz(files: Record<string, Uint8Array>): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name, size: body.length },
    body,
  }));
  return gzipSync(await packTar(entries));
}

export function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 + shape.length);
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, values]);
}

/** The tiny data set at an address of the test's own. */
export function tinyArchive(url: string, changed: Partial<CifarArchive> = {}) {
  const train = ["tiny/data_batch_1.bin", "tiny/data_batch_2.bin"];
  const files = { train, test: ["tiny/test_batch.bin"] };
  return cifarArchive({ url, md5: null, labelBytes: 1, files, ...changed });
}
