/** @file A process of its own that fetches the tiny data set: node fetching-process.ts CACHE URL */

import { fetchDataset } from "../../harness/data/cached-dataset.ts";
import { UserError } from "../../harness/errors.ts";
import { TINY, tinyArchive } from "./tiny-dataset.ts";

const [cache = "", url = ""] = process.argv.slice(2);
try {
  const { dataset } = await fetchDataset(TINY, [tinyArchive(url)], { cache, onProgress: () => {} });
  process.stdout.write(dataset.train.labels.join());
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(error.message);
  process.exitCode = error.exitCode;
}
