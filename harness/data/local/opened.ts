/** @file Opens prepared data for training: whole in memory, or some rows at a time from the disk. */

import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { datasetLabel, isStreamed, readsImageFiles } from "../../../record/datasets.ts";
import type { Protocol } from "../../../record/protocols.ts";
import { EXIT, UserError } from "../../errors.ts";
import { explainDisk, readDocument } from "../../files.ts";
import type { ImageFile } from "../image-folder.ts";
import { ArrayRows } from "./array-files.ts";
import { rowBytes } from "./duplicates.ts";
import {
  FILES_FILE,
  PIXELS_FILE,
  type Prepared,
  damaged,
  missingPath,
  newDigest,
  pixelBytes,
  preparedFolder,
  readLabels,
  readPrepared,
  sourcePaths,
  stampOf,
  valuesOfSample,
} from "./prepared.ts";

type Values = Uint8Array | Float32Array;
type SplitName = "train" | "test";

/** One of `resident`, `rows` and `files` is there. */
export interface OpenedLocal {
  /** Numbers of classes, in the order of the full splits. */
  labels: Record<SplitName, Int32Array>;
  /** All samples, [N, H, W, C]. */
  resident: Record<SplitName, Values> | null;
  /** Reads some samples, by their places in the full split. */
  rows: ((split: SplitName, places: Int32Array) => Values) | null;
  /** Image files that are decoded whenever they are needed. */
  files: ({ root: string } & Record<SplitName, ImageFile[]>) | null;
}

/**
 * @param cache the cache folder.
 * @throws UserError when nothing is prepared, when it is damaged, or when its source was changed since.
 */
export async function openLocal(protocol: Protocol, cache: string): Promise<OpenedLocal> {
  const prepared = readPrepared(cache, protocol);
  if (prepared === null)
    throw new UserError(
      `${protocol.name} trains on ${datasetLabel(protocol)}, which is not prepared in ${cache}. Start the run with --data.`,
    );
  const folder = preparedFolder(cache, protocol);
  const labels = await readLabels(folder, prepared);
  const opened: OpenedLocal = { labels, resident: null, rows: null, files: null };
  if (readsImageFiles(protocol)) return { ...opened, files: imageFiles(folder, prepared, labels) };
  if (prepared.pixels === null) return { ...opened, ...openArrays(prepared, protocol, labels) };
  const path = join(folder, PIXELS_FILE);
  if (isStreamed(protocol)) return { ...opened, rows: pixelRows(path, prepared) };
  const pixels = readWhole(path, pixelBytes(prepared));
  const found = newDigest().update(pixels).digest("hex");
  if (found !== prepared.pixels)
    throw damaged(folder, PIXELS_FILE, `must have the SHA-256 ${prepared.pixels}`, found);
  const end = prepared.dataset.trainSamples * valuesOfSample(prepared);
  return { ...opened, resident: { train: pixels.subarray(0, end), test: pixels.subarray(end) } };
}

const Paths = z.array(z.string());

function imageFiles(
  folder: string,
  { source, dataset: { trainSamples } }: Prepared,
  labels: OpenedLocal["labels"],
): OpenedLocal["files"] {
  const paths = readDocument(join(folder, FILES_FILE), Paths);
  if (paths === null || source.kind !== "images")
    throw damaged(folder, FILES_FILE, "must be there", "no such file");
  requireThere({ source });
  const split = (some: readonly string[], numbers: Int32Array) =>
    some.map((path, i) => ({ path, label: numbers[i]! }));
  return {
    root: source.root,
    train: split(paths.slice(0, trainSamples), labels.train),
    test: split(paths.slice(trainSamples), labels.test),
  };
}

function requireThere({ source }: Pick<Prepared, "source">): void {
  const missing = missingPath(source);
  if (missing !== undefined)
    throw new UserError(
      `${missing} is not there any more. Put it back, or say where the same data are now: rademark data add NAME PLACE`,
      EXIT.verification,
    );
}

function openArrays(
  prepared: Prepared,
  protocol: Protocol,
  labels: OpenedLocal["labels"],
): Pick<OpenedLocal, "rows" | "resident"> {
  const { source, stamps } = prepared;
  requireThere(prepared);
  if (source.kind !== "arrays") throw new Error("prepared as arrays, but from an image folder");
  const changed = sourcePaths(source).find((path, i) => stampOf(path) !== stamps[i]);
  if (changed !== undefined)
    throw new UserError(
      `${changed} was written to since it was looked at. Start again with --data: other values are another protocol.`,
      EXIT.verification,
    );
  const files = { train: new ArrayRows(source.xTrain), test: new ArrayRows(source.xTest) };
  if (isStreamed(protocol))
    return { resident: null, rows: (split, places) => gathered(files[split], places) };
  const whole = (split: SplitName) => {
    const rows = files[split].rows(0, files[split].samples);
    const digest = newDigest()
      .update(rowBytes(rows, rows.length, 0))
      .update(bytesOf(labels[split]));
    const found = digest.digest("hex");
    if (found !== protocol.digests[split])
      throw new UserError(
        `${sourcePaths(source).join(", ")}: the ${split} split must have the digest ${protocol.digests[split]}; found ${found}`,
        EXIT.verification,
      );
    files[split].close();
    return rows;
  };
  return { rows: null, resident: { train: whole("train"), test: whole("test") } };
}

const bytesOf = (numbers: Int32Array) =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

function gathered(file: ArrayRows, places: Int32Array): Values {
  const size = valuesOfSample(file);
  const length = places.length * size;
  const values = file.values === "uint8" ? new Uint8Array(length) : new Float32Array(length);
  for (const [row, place] of places.entries()) values.set(file.rows(place, 1), row * size);
  return values;
}

/** Rows of a file of pixels that is too large for the memory. */
function pixelRows(path: string, prepared: Prepared): OpenedLocal["rows"] {
  const size = valuesOfSample(prepared);
  const file = openFile(path);
  const { trainSamples } = prepared.dataset;
  return (split, places) => {
    const values = new Uint8Array(places.length * size);
    for (const [row, place] of places.entries()) {
      const position = (split === "train" ? place : trainSamples + place) * size;
      readSync(file, values, row * size, size, position);
    }
    return values;
  };
}

function openFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw explainDisk(error, path);
  }
}

const CHUNK_BYTES = 2 ** 26;

/** The system reads less than 2 GiB at once. */
function readWhole(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const file = openFile(path);
  try {
    for (let at = 0, count = 1; at < size && count > 0; at += count)
      count = readSync(file, bytes, at, Math.min(CHUNK_BYTES, size - at), at);
    return bytes;
  } finally {
    closeSync(file);
  }
}
