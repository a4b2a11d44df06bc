/** @file The data set that a training run reads. */

import { existsSync } from "node:fs";
import { UserError } from "../errors.ts";
import { datasetFolder, readCached } from "./cached-dataset.ts";
import type { Dataset, DatasetDescription } from "./dataset.ts";
import { DATASETS, datasetName } from "./datasets.ts";
import { type FetchOptions, fetchDataset, fetchOptions } from "./fetch-dataset.ts";
import type { Source } from "./sources/source.ts";
import { SOURCES } from "./sources/sources.ts";

/**
 * Reads a data set from the cache, digests compared; fetches it first where it is missing.
 *
 * @throws UserError for an unknown name, when no source gives the data set, or when the cached files are damaged.
 */
export async function loadDataset(
  name: string,
  options: Partial<FetchOptions> = {},
): Promise<Dataset> {
  const known = datasetName(name);
  return loadFrom(DATASETS[known], SOURCES[known], fetchOptions(options));
}

export async function loadFrom(
  dataset: DatasetDescription,
  sources: readonly Source[],
  options: FetchOptions,
): Promise<Dataset> {
  if (existsSync(datasetFolder(dataset, options.cache)))
    return readCached(dataset, options.cache).catch((error: unknown) => {
      throw withRemedy(dataset, error);
    });
  return (await fetchDataset(dataset, sources, options)).dataset;
}

/** Damage on disk is said, not mended in silence: it may be the disk. */
export function withRemedy(dataset: DatasetDescription, error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  const remedy = `to fetch it again: rademark data get ${dataset.name}`;
  return new UserError(`${error.message}\n${remedy}`, error.exitCode, { cause: error });
}
