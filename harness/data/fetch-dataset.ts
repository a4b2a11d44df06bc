/** @file Fetches a data set from its sources into the cache. */

import type { UserError } from "../errors.ts";
import { explainDisk } from "../files.ts";
import { cacheFolder, datasetsFolder } from "./cache-folder.ts";
import { datasetFolder, readPinned } from "./cached-dataset.ts";
import { type Dataset, type DatasetDescription, splitViews } from "./dataset.ts";
import { firstGood } from "./first-good-source.ts";
import { withPartialFolder } from "./partial-folder.ts";
import type { OnProgress } from "./progress.ts";
import type { Source } from "./sources/source.ts";
import { storeDataset } from "./store-dataset.ts";

export interface FetchOptions {
  /** The cache folder. */
  cache: string;
  onProgress: OnProgress;
}

/** The person's own cache folder, and nobody who wants to know. */
export function fetchOptions(given: Partial<FetchOptions>): FetchOptions {
  return { cache: cacheFolder(), onProgress: () => {}, ...given };
}

export interface Fetched {
  dataset: Dataset;
  /** Where it came from. */
  source: string;
  /** Why each source before it was passed over. */
  failures: UserError[];
}

/**
 * Fetches a data set into the cache, whether or not it is there already.
 *
 * @throws UserError when no source gives it, with every source's reason; nothing is cached then.
 */
export async function fetchDataset(
  dataset: DatasetDescription,
  sources: readonly Source[],
  { cache, onProgress }: FetchOptions,
): Promise<Fetched> {
  const parent = datasetsFolder(cache);
  const pinned = await readPinned(datasetFolder(dataset, cache)).catch(() => null);
  const fetching = withPartialFolder(parent, async (partial, signal) => {
    const request = { dataset, folder: partial, signal, onProgress };
    const expected = dataset.digests ?? pinned;
    const { splits, digests, source, failures } = await firstGood(sources, request, expected);
    await storeDataset(dataset, splits, { ...digests, source }, { cache, partial });
    const train = splitViews(dataset, splits.train);
    const test = splitViews(dataset, splits.test);
    return { dataset: { ...dataset, digests, train, test }, source, failures };
  });
  return fetching.catch((error: unknown) => {
    throw explainDisk(error, parent);
  });
}
