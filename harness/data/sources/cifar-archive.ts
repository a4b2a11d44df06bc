/** @file CIFAR's official binary archives. */

import { join } from "node:path";
import { readCifarBinary } from "../cifar-binary.ts";
import type { DatasetDescription, SplitName } from "../dataset.ts";
import { type ArchiveFiles, readArchive, requireMd5 } from "./archive.ts";
import { canonicalSplit } from "./canonical-split.ts";
import { download } from "./download.ts";
import type { Source } from "./source.ts";

export interface CifarArchive {
  url: string;
  /** As the authors publish it; null leaves the check to the canonical digest. */
  md5: string | null;
  labelBytes: 1 | 2;
  /** Paths inside the archive, in official order; the files of a split are equally long. */
  files: Record<SplitName, readonly string[]>;
}

export function cifarArchive(archive: CifarArchive): Source {
  const { url, md5, files } = archive;
  return {
    name: `official archive ${url}`,
    async obtain({ dataset, folder, signal, onProgress }) {
      const path = join(folder, url.slice(url.lastIndexOf("/") + 1));
      await download({ url, path, label: `${dataset.name}: official archive`, signal, onProgress });
      if (md5 !== null) await requireMd5(path, md5);
      const open = await readArchive(path, [...files.train, ...files.test]);
      return {
        train: readSplit(dataset, "train", archive, open),
        test: readSplit(dataset, "test", archive, open),
      };
    },
  };
}

function readSplit(
  dataset: DatasetDescription,
  split: SplitName,
  { labelBytes, files }: CifarArchive,
  open: ArchiveFiles,
): Uint8Array {
  const count = dataset.counts[split] / files[split].length;
  const format = { labelBytes, count, classes: dataset.classes };
  const batches = files[split].map((place) => readCifarBinary(open(place), { ...format, place }));
  return canonicalSplit(
    dataset,
    split,
    batches.map(({ images }) => images),
    batches.map(({ labels }) => labels),
  );
}
