/** @file What `rademark data ls`, `get` and `verify` answer: one plain row a data set. */

import { existsSync } from "node:fs";
import { EXIT, UserError } from "../errors.ts";
import { datasetFolder, readCached, readPinned, visibleDamage } from "./cached-dataset.ts";
import { type DatasetDescription, splitBytes } from "./dataset.ts";
import { DATASET_NAMES, DATASETS, datasetName } from "./datasets.ts";
import { type FetchOptions, fetchDataset, fetchOptions } from "./fetch-dataset.ts";
import { withRemedy } from "./load-dataset.ts";
import type { Source } from "./sources/source.ts";
import { SOURCES } from "./sources/sources.ts";

export interface DatasetRow {
  name: string;
  state: "cached" | "missing" | "damaged";
  /** Of the cached files, or what they will take. */
  bytes: number;
  /** Canonical digests; null while none is known. */
  train: string | null;
  test: string | null;
  /** Where the cached files came from; null where there are none. */
  source: string | null;
}

/** Every data set, by names and sizes on disk; digests are not recomputed. */
export async function listDatasets(options: Partial<FetchOptions> = {}): Promise<DatasetRow[]> {
  const { cache } = fetchOptions(options);
  return Promise.all(DATASET_NAMES.map((name) => rowOf(DATASETS[name], cache)));
}

export interface GetRow extends DatasetRow {
  /** Why earlier sources were passed over; empty for a data set that was there already. */
  failures: string[];
}

/**
 * Makes sure that a data set is in the cache, digests compared; fetches it where it is missing or damaged.
 *
 * @throws UserError for an unknown name, or when no source gives the data set.
 */
export async function getDataset(
  name: string,
  options: Partial<FetchOptions> = {},
): Promise<GetRow> {
  const known = datasetName(name);
  return getFrom(DATASETS[known], SOURCES[known], fetchOptions(options));
}

export async function getFrom(
  dataset: DatasetDescription,
  sources: readonly Source[],
  options: FetchOptions,
): Promise<GetRow> {
  const held = await readCached(dataset, options.cache).catch(() => null);
  const failures = held ? [] : (await fetchDataset(dataset, sources, options)).failures;
  const row = await rowOf(dataset, options.cache);
  return { ...row, failures: failures.map(({ message }) => message) };
}

/**
 * Recomputes the digests of a cached data set.
 *
 * @throws UserError for an unknown name, a data set that is not cached, or files that do not match.
 */
export async function verifyDataset(
  name: string,
  options: Partial<FetchOptions> = {},
): Promise<DatasetRow> {
  return verifyCached(DATASETS[datasetName(name)], fetchOptions(options).cache);
}

export async function verifyCached(
  dataset: DatasetDescription,
  cache: string,
): Promise<DatasetRow> {
  if (!existsSync(datasetFolder(dataset, cache))) {
    const found = `${dataset.name}: not in the cache; to fetch it: rademark data get ${dataset.name}`;
    throw new UserError(found, EXIT.verification);
  }
  await readCached(dataset, cache).catch((error: unknown) => {
    throw withRemedy(dataset, error);
  });
  return rowOf(dataset, cache);
}

async function rowOf(dataset: DatasetDescription, cache: string): Promise<DatasetRow> {
  const folder = datasetFolder(dataset, cache);
  const bytes = splitBytes(dataset, "train") + splitBytes(dataset, "test");
  const pinned = await readPinned(folder).catch(() => null);
  const { train, test } = dataset.digests ?? pinned ?? { train: null, test: null };
  const state = existsSync(folder)
    ? (await visibleDamage(dataset, cache))
      ? "damaged"
      : "cached"
    : "missing";
  return { name: dataset.name, state, bytes, train, test, source: pinned?.source ?? null };
}
