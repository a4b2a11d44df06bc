/** @file Makes data ready for training: every image decoded once into the cache, or its files listed for later. */

import { createReadStream, existsSync, rmSync, statSync, truncateSync } from "node:fs";
import { open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "node:crypto";
import { LockedError, takeLock } from "../../../setup/lock/file-lock.mjs";
import { readsImageFiles } from "../../../record/datasets.ts";
import type { Protocol } from "../../../record/protocols.ts";
import { EXIT, UserError } from "../../errors.ts";
import { explainDisk, makeFolder, writeJsonAtomic } from "../../files.ts";
import { ChannelSums } from "./channel-statistics.ts";
import { Duplicates, rowBytes } from "./duplicates.ts";
import type { LookOptions } from "./look.ts";
import {
  ARRAY_VIEWING,
  FILES_FILE,
  LABELS_FILE,
  PIXELS_FILE,
  PREPARED_FILE,
  type Prepared,
  localFolder,
  newDigest,
  preparedFolder,
  readPrepared,
  valuesOfSample,
} from "./prepared.ts";
import type { SeenArrays } from "./seen-arrays.ts";
import { type SeenFolder, type SeenSample, describeSamples } from "./seen-folder.ts";
import type { Sight } from "./seen-image.ts";

/** How a protocol sees images; the same for all that share it. */
export type Viewing = Pick<Protocol, "image" | "view" | "augmentation">;

/** Arrays are used as they are: only what is known of them is kept. */
export async function prepareArrays(
  { prepared, labels }: SeenArrays,
  options: LookOptions,
): Promise<Prepared> {
  const folder = preparedFolder(options.cache, { ...prepared, ...ARRAY_VIEWING });
  return locked(options, async () => {
    makeFolder(folder);
    if (labels !== null) await writeLabels(folder, labels);
    writeJsonAtomic(join(folder, PREPARED_FILE), prepared);
    return prepared;
  });
}

/**
 * Decodes every image that was not decoded for this view before.
 *
 * @returns what is known of those that could be decoded; the others are among what was left out.
 * @throws UserError for a full disk, an interrupt, or when too little is left.
 */
export async function prepareFolder(
  seen: SeenFolder,
  viewing: Viewing,
  options: LookOptions,
): Promise<Prepared> {
  return locked(options, async () => {
    const known = reused(seen, viewing, options);
    if (known !== null) return known;
    const made = await makeSamples(seen, viewing, options);
    const left = seen.without(made.broken);
    const described = describe(left, viewing);
    const remarks = { ...described.remarks, ...made.remarks };
    const prepared = { ...described, ...made.known, remarks };
    await writeParts(made.folder, left, prepared);
    const folder = folderOf(described, viewing, options);
    rmSync(folder, { recursive: true, force: true });
    await rename(made.folder, folder);
    return prepared;
  });
}

type Described = Pick<Prepared, "dataset" | "digests">;

const viewed = ({ dataset, digests }: Described, { image, view, augmentation }: Viewing) => ({
  ...{ dataset, digests, image, view, augmentation },
});

const folderOf = (described: Described, viewing: Viewing, { cache }: LookOptions) =>
  preparedFolder(cache, viewed(described, viewing));

/** What was prepared before from the same bytes, wherever they lay then. */
function reused(seen: SeenFolder, viewing: Viewing, { cache }: LookOptions): Prepared | null {
  const described = describe(seen, viewing);
  const before = readPrepared(cache, viewed(described, viewing));
  if (before === null) return null;
  const { leftOut } = seen.isDecoded ? seen : seen.without([]);
  const remarks = { ...before.remarks, leftOut };
  const prepared = { ...before, source: described.source, remarks };
  const folder = preparedFolder(cache, viewed(described, viewing));
  writeJsonAtomic(join(folder, PREPARED_FILE), prepared);
  return prepared;
}

/** Everything that is known before an image is decoded. */
function describe(seen: SeenFolder, { image }: Viewing) {
  const { train, test, leftOut, listing } = seen;
  const { classes, digests, smallestClass, untested } = describeSamples(seen);
  const all = [...train, ...test].map(({ look }) => look);
  const isResized = ({ height, width }: SeenSample["look"]) =>
    height !== image.height || width !== image.width;
  return {
    ...{ classes, digests, image, stamps: [] },
    source: { kind: "images" as const, root: listing.root },
    dataset: {
      ...{ kind: "images" as const, values: "uint8" as const, smallestClass },
      ...{ trainSamples: train.length, testSamples: test.length },
    },
    remarks: {
      ...{ leftOut, untested, reading: null },
      oriented: all.filter(({ orientation }) => orientation > 1).length,
      resized: all.filter(isResized).length,
    },
  };
}

/** What decoding found, in a folder that is complete but for its documents. */
interface Made {
  folder: string;
  broken: string[];
  known: Pick<Prepared, "normalize" | "pixels">;
  remarks: { duplicates: number; constant: number };
}

/** One byte for each file, as they come: `1` decoded, `0` not. */
const STATUS_FILE = "status.txt";

/** Goes on where an interrupted process stopped, if the same files are to be seen in the same way. */
async function makeSamples(
  seen: SeenFolder,
  viewing: Viewing,
  options: LookOptions,
): Promise<Made> {
  const described = describe(seen, viewing);
  const final = folderOf(described, viewing, options);
  const folder = `${final}.partial`;
  makeFolder(folder);
  const keepsPixels = !readsImageFiles(viewed(described, viewing));
  const sight = sightOf(viewing);
  const files = [...seen.train, ...seen.test];
  const size = valuesOfSample(viewing);
  const status = keepsPixels ? await restored(folder, size) : "";
  const tally = new Tally(seen.train.length, viewing.image.channels, size);
  if (keepsPixels) await tally.recall(join(folder, PIXELS_FILE), status);
  const out = keepsPixels ? new SampleFiles(folder) : null;
  try {
    for await (const row of decodeFrom(status.length, seen.listing.root, files, sight, options)) {
      tally.add(row);
      await out?.add(row);
    }
  } finally {
    await out?.flush();
  }
  const { mean, std, constant } = tally.sums.result();
  rmSync(join(folder, STATUS_FILE), { force: true });
  return {
    folder,
    broken: files.filter((_, i) => tally.isBroken(i)).map(({ path }) => path),
    known: {
      normalize: { mean, std },
      pixels: keepsPixels ? await fileDigest(join(folder, PIXELS_FILE)) : null,
    },
    remarks: { duplicates: tally.duplicates.count, constant },
  };
}

function sightOf({ image, view }: Viewing): Sight {
  return { ...image, shorterSide: view.kind === "whole" ? null : view.shorterSide };
}

/** Counts what was decoded, file by file: null for one that could not be. */
class Tally {
  readonly sums: ChannelSums;
  readonly duplicates = new Duplicates();
  readonly #size: number;
  readonly #trainFiles: number;
  readonly #broken = new Set<number>();
  #files = 0;

  constructor(trainFiles: number, channels: number, size: number) {
    this.#trainFiles = trainFiles;
    this.#size = size;
    this.sums = new ChannelSums(channels, "uint8");
  }

  add(row: Uint8Array | null): void {
    const file = this.#files++;
    if (row === null) return void this.#broken.add(file);
    if (file >= this.#trainFiles) return this.duplicates.addTest(row);
    this.sums.add(row);
    this.duplicates.addTrain(row);
  }

  isBroken(file: number): boolean {
    return this.#broken.has(file);
  }

  /** Counts again what an earlier process has decoded. */
  async recall(path: string, status: string): Promise<void> {
    if (status === "") return;
    const file = await open(path);
    try {
      for (const each of status) {
        const row = each === "1" ? new Uint8Array(this.#size) : null;
        if (row !== null) await file.read(row, 0, this.#size);
        this.add(row);
      }
    } finally {
      await file.close();
    }
  }
}

/** What an earlier process has completed: as many files as have a status and, if decoded, all of their pixels. */
async function restored(folder: string, size: number): Promise<string> {
  const [pixels, status] = [join(folder, PIXELS_FILE), join(folder, STATUS_FILE)];
  if (!existsSync(pixels) || !existsSync(status)) {
    rmSync(pixels, { force: true });
    rmSync(status, { force: true });
    return "";
  }
  const room = Math.floor(statSync(pixels).size / size);
  let [kept, decoded] = ["", 0];
  for (const each of await readFile(status, "utf8")) {
    if (each === "1" && decoded === room) break;
    decoded += Number(each);
    kept += each;
  }
  truncateSync(pixels, decoded * size);
  truncateSync(status, kept.length);
  return kept;
}

/** Appends pixels and then statuses, some hundred files at a time. */
class SampleFiles {
  readonly #folder: string;
  #rows: Uint8Array[] = [];
  #status = "";

  constructor(folder: string) {
    this.#folder = folder;
  }

  async add(row: Uint8Array | null): Promise<void> {
    if (row !== null) this.#rows.push(row);
    this.#status += row === null ? "0" : "1";
    if (this.#status.length >= FLUSH_FILES) await this.flush();
  }

  async flush(): Promise<void> {
    const [rows, status] = [this.#rows, this.#status];
    [this.#rows, this.#status] = [[], ""];
    const path = join(this.#folder, PIXELS_FILE);
    try {
      await writeFile(path, Buffer.concat(rows), { flag: "a" });
      await writeFile(join(this.#folder, STATUS_FILE), status, { flag: "a" });
    } catch (error) {
      throw explainDisk(error, path);
    }
  }
}

const FLUSH_FILES = 256;

/** Files that are read ahead. */
const AHEAD = 32;

/** Decodes files in order. @yields null for one that no decoder reads to its end. */
async function* decodeFrom(
  first: number,
  root: string,
  files: readonly SeenSample[],
  sight: Sight,
  { name, onProgress, signal }: LookOptions,
): AsyncGenerator<Uint8Array | null> {
  const { seenImage } = await import("./seen-image.ts");
  const label = `${name}: decoding`;
  for (let start = first; start < files.length; start += AHEAD) {
    signal.throwIfAborted();
    const some = files.slice(start, start + AHEAD);
    const bytes = await Promise.all(some.map(({ path }) => contentOf(join(root, path))));
    for (const [i, content] of bytes.entries()) {
      requireSame(content, join(root, some[i]!.path), some[i]!);
      yield decoded(() => seenImage(content, sight));
    }
    const done = start + some.length;
    onProgress({ label, done, total: files.length, unit: "files" });
  }
}

function contentOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw explainDisk(error, path);
  });
}

/** A file that was written between the first look and now is another sample. */
function requireSame(bytes: Uint8Array, path: string, { look }: SeenSample): void {
  if (hash("sha256", bytes, "hex") === look.digest) return;
  throw new UserError(
    `${path} was changed while it was read. Start again when nothing writes there.`,
  );
}

function decoded(decode: () => Uint8Array): Uint8Array | null {
  try {
    return decode();
  } catch {
    return null;
  }
}

async function fileDigest(path: string): Promise<string> {
  const digest = newDigest();
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  return digest.digest("hex");
}

async function writeParts(folder: string, left: SeenFolder, prepared: Prepared): Promise<void> {
  const { train, test } = describeSamples(left);
  const labels = new Int32Array(train.length + test.length);
  labels.set(train);
  labels.set(test, train.length);
  await writeLabels(folder, labels);
  const paths = [...left.train, ...left.test].map(({ path }) => path);
  if (prepared.pixels === null) writeJsonAtomic(join(folder, FILES_FILE), paths);
  writeJsonAtomic(join(folder, PREPARED_FILE), prepared);
}

async function writeLabels(folder: string, labels: Int32Array): Promise<void> {
  const path = join(folder, LABELS_FILE);
  await writeFile(path, rowBytes(new Uint8Array(labels.buffer), labels.byteLength, 0)).catch(
    (error: unknown) => {
      throw explainDisk(error, path);
    },
  );
}

/** One process prepares at a time, so that none writes into what another has half made. */
async function locked<T>({ cache, signal, name }: LookOptions, work: () => Promise<T>): Promise<T> {
  const folder = localFolder(cache);
  makeFolder(join(folder, "prepared"));
  const path = join(folder, ".lock");
  try {
    const lock = await takeLock(path, { signal, patience: Infinity });
    try {
      return await work();
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof LockedError)
      throw new UserError(`${folder} is in use by ${error.who}`, EXIT.runFailed, { cause: error });
    if (signal.aborted)
      throw new UserError(
        `${name}: interrupted; the next start goes on from here.`,
        EXIT.interrupted,
      );
    throw explainDisk(error, folder);
  }
}
