/** @file A data set in the cache: `train.bin` and `test.bin` in the canonical form, `digest.json` beside them. */

import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { hash, randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { Digest } from "../../record/run.ts";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, makeFolder } from "../files.ts";
import { type Choice, explainRead, readSplit } from "./canonical-file.ts";
import { cacheFolder, datasetsFolder } from "./cache-folder.ts";
import {
  DATASETS,
  DATASET_NAMES,
  type Dataset,
  type DatasetDescription,
  type Digests,
  type OnProgress,
  SPLITS,
  type SplitName,
  datasetName,
  invalidFile,
  orInvalid,
  splitBytes,
  splitViews,
} from "./opened-datasets.ts";
import type { CanonicalSplits, Request, Source } from "./sources/source.ts";
import { SOURCES } from "./sources/sources.ts";
import { onStopRequest } from "../ending.ts";

/** `digest.json`: what the files hash to, and where they came from. */
const Pinned = z.strictObject({ train: Digest, test: Digest, source: z.string() });

type Pinned = z.infer<typeof Pinned>;

function datasetFolder(dataset: DatasetDescription, cache: string): string {
  return join(datasetsFolder(cache), dataset.name);
}

const ALL: Choice = (labels) => Int32Array.from(labels.keys());
const NONE: Choice = () => new Int32Array(0);

/**
 * Reads a data set and compares its digests: with the published ones, or else with those of its first download.
 *
 * @param choice of the training images; labels are always all.
 * @throws UserError when a file is missing, truncated or altered.
 */
async function readCached(
  dataset: DatasetDescription,
  cache: string,
  choice: Choice = ALL,
): Promise<Dataset> {
  const folder = datasetFolder(dataset, cache);
  const { train, test } = await readPinned(folder);
  const digests = dataset.digests ?? { train, test };
  const read = async (split: SplitName, choice: Choice) => {
    const place = splitPath(folder, split);
    await requireSize(dataset, split, folder);
    const { digest, ...found } = await readSplit(dataset, split, place, choice);
    if (digest !== digests[split])
      throw invalidFile(place, `must have the SHA-256 ${digests[split]}`, digest);
    return found;
  };
  const tests = choice === NONE ? NONE : ALL;
  return {
    ...dataset,
    digests,
    train: await read("train", choice),
    test: await read("test", tests),
  };
}

/** The first wrong name or size, or null; reads no images, so it is cheap enough for lists. */
export async function visibleDamage(
  dataset: DatasetDescription,
  cache: string,
): Promise<UserError | null> {
  const folder = datasetFolder(dataset, cache);
  try {
    await readPinned(folder);
    for (const split of SPLITS) await requireSize(dataset, split, folder);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** @throws UserError when `digest.json` is missing or damaged. */
async function readPinned(folder: string): Promise<Pinned> {
  const place = join(folder, "digest.json");
  const text = await readFile(place, "utf8").catch(explainRead(place));
  const parse = () => Pinned.parse(JSON.parse(text));
  return orInvalid(place, "must be the JSON that was written beside the images", parse);
}

function splitPath(folder: string, split: SplitName): string {
  return join(folder, `${split}.bin`);
}

/** @returns the size of the file. @throws UserError when it is not that of the split. */
async function requireSize(
  dataset: DatasetDescription,
  split: SplitName,
  folder: string,
): Promise<number> {
  const place = splitPath(folder, split);
  const expected = splitBytes(dataset, split);
  const { size } = await stat(place).catch(explainRead(place));
  if (size !== expected) throw invalidFile(place, `must be ${expected} bytes`, `${size}`);
  return size;
}

/**
 * SHA-256 over all images (uint8, NHWC, official order), then all labels (uint8): method.md section 7.
 * A cached file is exactly these bytes, so `sha256sum` on it prints the same.
 */
export function canonicalDigest(canonical: Uint8Array): string {
  return hash("sha256", canonical, "hex");
}

/** What `rademark data ls`, `get` and `verify` answer: one plain row a data set. */
export interface DatasetRow {
  name: string;
  state: "cached" | "missing" | "damaged";
  /** Size of the cached files, or the size that they will have. */
  bytes: number;
  /** Canonical digests; null while none is known. */
  train: string | null;
  test: string | null;
  /** Where the cached files came from; null where there are none. */
  source: string | null;
}

/** Every data set, judged by file names and sizes; digests are not recomputed. */
export async function listDatasets(options: Partial<FetchOptions> = {}): Promise<DatasetRow[]> {
  const { cache } = fetchOptions(options);
  return Promise.all(DATASET_NAMES.map((name) => rowOf(DATASETS[name], cache)));
}

export interface GetRow extends DatasetRow {
  /** Why earlier sources were passed over; empty for a data set that was there already. */
  failures: string[];
}

/**
 * Makes sure that a data set is in the cache with the right digests; fetches it where it is missing or damaged.
 *
 * @throws UserError for an unknown name, or when no source delivers the data set.
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
  await readCached(dataset, cache, NONE).catch((error: unknown) => {
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

/** Where a data set is fetched to, and who is told of the progress. */
interface FetchOptions {
  /** The cache folder. */
  cache: string;
  onProgress: OnProgress;
}

/** By default the user's own cache folder, and no progress. */
function fetchOptions(given: Partial<FetchOptions>): FetchOptions {
  return { cache: cacheFolder(), onProgress: () => {}, ...given };
}

interface Fetched {
  dataset: Dataset;
  /** Where it came from. */
  source: string;
  /** Why each source before it was passed over. */
  failures: UserError[];
}

/**
 * Fetches a data set into the cache, whether or not it is there already.
 *
 * @throws UserError when no source delivers it, with every source's reason; nothing is cached then.
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

/**
 * @param expected null where no digest is known yet.
 * @throws UserError with every source's reason when all fail; any other error of a source is a bug and is rethrown.
 */
async function firstGood(sources: readonly Source[], request: Request, expected: Digests | null) {
  const failures: UserError[] = [];
  for (const source of sources) {
    try {
      const splits = await obtainAlone(source, request);
      const digests = requireDigests(request.dataset, splits, expected);
      return { splits, digests, source: source.name, failures };
    } catch (error) {
      request.signal.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
      failures.push(new UserError(`${source.name}: ${error.message}`, error.exitCode));
    }
  }
  throw nothingFetched(request.dataset, failures);
}

/** Gives the source a folder of its own and deletes it afterwards. */
async function obtainAlone(source: Source, request: Request): Promise<CanonicalSplits> {
  const folder = join(request.folder, "source");
  await mkdir(folder);
  try {
    return await source.obtain({ ...request, folder });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function requireDigests(
  dataset: DatasetDescription,
  splits: CanonicalSplits,
  expected: Digests | null,
): Digests {
  const found = { train: canonicalDigest(splits.train), test: canonicalDigest(splits.test) };
  for (const split of SPLITS) {
    if (!expected || found[split] === expected[split]) continue;
    const rule = `its images and labels must have the SHA-256 ${expected[split]}`;
    throw invalidFile(`${dataset.name} ${split}`, rule, found[split]);
  }
  return found;
}

function nothingFetched(dataset: DatasetDescription, failures: UserError[]): UserError {
  const wrong = failures.some(({ exitCode }) => exitCode === EXIT.verification);
  const lines = [
    `${dataset.name}: no source gave the data set; nothing was cached`,
    ...failures.map(({ message }) => `  ${message}`),
    `check the network (and the proxy settings), then run: rademark data get ${dataset.name}`,
  ];
  return new UserError(lines.join("\n"), wrong ? EXIT.verification : EXIT.network);
}

/**
 * Reads a data set from the cache and checks its digests; fetches it first where it is missing.
 *
 * @param choice of the training images that are kept; their labels are all returned.
 * @throws UserError for an unknown name, when no source delivers the data set, or when the cached files are damaged.
 * @example const { train, test } = await loadDataset("cifar10"); // train.images: uint8 [50000, 32, 32, 3]
 */
export async function loadDataset(
  name: string,
  options: Partial<FetchOptions> = {},
  choice: Choice = ALL,
): Promise<Dataset> {
  const known = datasetName(name);
  return loadFrom(DATASETS[known], SOURCES[known], fetchOptions(options), choice);
}

export async function loadFrom(
  dataset: DatasetDescription,
  sources: readonly Source[],
  options: FetchOptions,
  choice: Choice = ALL,
): Promise<Dataset> {
  if (!existsSync(datasetFolder(dataset, options.cache)))
    await fetchDataset(dataset, sources, options);
  return readCached(dataset, options.cache, choice).catch((error: unknown) => {
    throw withRemedy(dataset, error);
  });
}

/** Damaged files are reported, not replaced silently: the disk may be failing. */
function withRemedy(dataset: DatasetDescription, error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  const remedy = `to fetch it again: rademark data get ${dataset.name}`;
  return new UserError(`${error.message}\n${remedy}`, error.exitCode, { cause: error });
}

/**
 * Makes a folder in `parent`, hands it to `use`, and removes it afterwards: on success, on failure, and when the
 * user interrupts. What a killed process left behind is removed by the next one on the same machine.
 *
 * @param use gets a signal that an interrupt aborts.
 * @throws UserError with the exit code of an interrupt, after an interrupt.
 */
async function withPartialFolder<T>(
  parent: string,
  use: (folder: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  makeFolder(parent);
  await removeOrphans(parent);
  const folder = await mkdtemp(join(parent, `${PREFIX}${hostname()}.${process.pid}.`));
  const interrupt = new AbortController();
  const onExit = () => rmSync(folder, { recursive: true, force: true });
  const unlisten = onStopRequest(() => interrupt.abort());
  process.on("exit", onExit);
  try {
    return await use(folder, interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new UserError("interrupted; nothing was kept", EXIT.interrupted, { cause: error });
  } finally {
    unlisten();
    process.off("exit", onExit);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const PREFIX = ".partial.";

/** Removes the folders of this machine's dead processes; other machines may share the file system. */
async function removeOrphans(parent: string): Promise<void> {
  const own = `${PREFIX}${hostname()}.`;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(own)) continue;
    const pid = Number(name.slice(own.length).split(".")[0]);
    if (!isRunning(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Writes and syncs the files in `partial` (on the cache's file system), then renames them into place as one folder.
 * If another process was quicker, its files stay unless they are damaged.
 */
async function storeDataset(
  dataset: DatasetDescription,
  splits: CanonicalSplits,
  pinned: Pinned,
  { cache, partial }: { cache: string; partial: string },
): Promise<void> {
  const ready = join(partial, "ready");
  await mkdir(ready);
  for (const split of SPLITS)
    await writeFile(splitPath(ready, split), splits[split], { flush: true });
  const text = `${JSON.stringify(pinned, null, 2)}\n`;
  await writeFile(join(ready, "digest.json"), text, { flush: true });
  const final = datasetFolder(dataset, cache);
  while (!(await renamed(ready, final, TAKEN))) {
    if (await isIntact(dataset, cache)) return;
    await renamed(final, join(partial, randomUUID()), MOVED);
  }
}

/** Error codes of a rename onto a folder that is not empty. */
const TAKEN = ["ENOTEMPTY", "EEXIST"];

/** Error code of a rename of a folder that another process has moved. */
const MOVED = ["ENOENT"];

/** False for the expected error codes. */
async function renamed(from: string, to: string, expected: string[]): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (expected.includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

async function isIntact(dataset: DatasetDescription, cache: string): Promise<boolean> {
  return readCached(dataset, cache, NONE).then(
    () => true,
    () => false,
  );
}
