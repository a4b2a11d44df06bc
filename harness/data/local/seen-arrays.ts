/** @file Reads arrays once from end to end: their digests, their statistics, and whatever is wrong with them. */

import { hash } from "node:crypto";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { UserError } from "../../errors.ts";
import { makeFolder, readDocument, writeJsonAtomic } from "../../files.ts";
import { ArrayRows, type ClassLabel, readClassLabels } from "./array-files.ts";
import { ChannelSums } from "./channel-statistics.ts";
import { numberClasses } from "./classes.ts";
import { Duplicates, rowBytes } from "./duplicates.ts";
import type { LookOptions } from "./look.ts";
import {
  ARRAY_VIEWING,
  type LocalSource,
  Prepared,
  localFolder,
  newDigest,
  readPrepared,
  sourcePaths,
  stampOf,
  valuesOfSample,
} from "./prepared.ts";

/** What is known of arrays, and the class numbers of both splits; null where an earlier look has kept them. */
export interface SeenArrays {
  prepared: Prepared;
  labels: Int32Array | null;
}

type ArraySource = Extract<LocalSource, { kind: "arrays" }>;

/** @throws UserError for what is no data to train on. */
export async function lookAtArrays(source: ArraySource, options: LookOptions): Promise<SeenArrays> {
  const stamps = sourcePaths(source).map(stampOf);
  const key = hash("sha256", JSON.stringify([source, stamps]), "hex").slice(0, 32);
  const path = join(localFolder(options.cache), "seen", `${key}.json`);
  const known = options.again ? null : readDocument(path, Prepared);
  // The other look may have been at the same values elsewhere; where they lie now is written anew.
  if (known !== null && readPrepared(options.cache, { ...known, ...ARRAY_VIEWING }) !== null)
    return { prepared: known, labels: null };
  const looked = await lookAtAll(source, stamps, options);
  makeFolder(dirname(path));
  writeJsonAtomic(path, looked.prepared);
  return looked;
}

async function lookAtAll(
  source: ArraySource,
  stamps: string[],
  options: LookOptions,
): Promise<SeenArrays> {
  const train = new ArrayRows(source.xTrain);
  const test = new ArrayRows(source.xTest);
  try {
    requireAlike(train, test, source);
    const { classes, ...numbered } = labelsOf(source, train.samples, test.samples);
    const { digests, remarks, ...rest } = await measured({ train, test }, options);
    const pinned = (split: "train" | "test") =>
      digests[split].update(asBytes(numbered[split])).digest("hex");
    const prepared: Prepared = {
      ...{ source, classes, ...rest, stamps, pixels: null, image: train.image },
      dataset: {
        ...{ kind: "arrays", values: train.values, smallestClass: numbered.smallestClass },
        ...{ trainSamples: train.samples, testSamples: test.samples },
      },
      digests: { train: pinned("train"), test: pinned("test") },
      remarks: { ...remarks, untested: numbered.untested, reading: train.reading },
    };
    return { prepared, labels: joined(numbered) };
  } finally {
    train.close();
    test.close();
  }
}

function labelsOf({ yTrain, yTest }: ArraySource, trainSamples: number, testSamples: number) {
  const train = readClassLabels(yTrain, trainSamples);
  const test = readClassLabels(yTest, testSamples);
  const classes = [...new Set(train)].sort((a, b) => (a < b ? -1 : 1)); // numbers and bigints mix
  const numbered = numberClasses<ClassLabel>(classes, { train, test }, yTrain);
  return { ...numbered, classes: classes.map(String) };
}

/** Reads every value once; the digests still lack the labels. */
async function measured(splits: { train: ArrayRows; test: ArrayRows }, options: LookOptions) {
  const { train, test } = splits;
  const sums = new ChannelSums(train.image.channels, train.values);
  const duplicates = new Duplicates();
  const digests = { train: newDigest(), test: newDigest() };
  await eachPortion(train, { ...options, what: "reading the training split" }, (rows, size) => {
    digests.train.update(asBytes(rows));
    sums.add(rows);
    for (let row = 0; row * size < rows.length; row++)
      duplicates.addTrain(rowBytes(rows, size, row));
  });
  await eachPortion(test, { ...options, what: "reading the test split" }, (rows, size) => {
    digests.test.update(asBytes(rows));
    for (let row = 0; row * size < rows.length; row++)
      duplicates.addTest(rowBytes(rows, size, row));
  });
  const { mean, std, constant } = sums.result();
  const none = { leftOut: {}, oriented: 0, resized: 0 };
  const remarks = { ...none, constant, duplicates: duplicates.count };
  return { digests, normalize: { mean, std }, remarks };
}

const asBytes = (values: Uint8Array | Float32Array | Int32Array) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function joined({ train, test }: { train: Int32Array; test: Int32Array }): Int32Array {
  const labels = new Int32Array(train.length + test.length);
  labels.set(train);
  labels.set(test, train.length);
  return labels;
}

function requireAlike(train: ArrayRows, test: ArrayRows, { xTrain, xTest }: ArraySource): void {
  const shape = ({ image: { height, width, channels }, values }: ArrayRows) =>
    `${height} x ${width} x ${channels} of ${values}`;
  if (shape(train) !== shape(test))
    throw new UserError(
      `${xTrain} and ${xTest} must hold samples of one shape and type; found ${shape(train)} (height x width x channels), and ${shape(test)}`,
    );
  if (train.samples < 2) throw new UserError(`${xTrain}: at least two training samples are needed`);
}

/** About this much is read at a time. */
const PORTION_BYTES = 8 * 2 ** 20;

async function eachPortion(
  rows: ArrayRows,
  { name, what, onProgress, signal }: LookOptions & { what: string },
  use: (rows: Uint8Array | Float32Array, size: number) => void,
): Promise<void> {
  const size = valuesOfSample(rows);
  const portion = Math.max(1, Math.floor(PORTION_BYTES / (4 * size)));
  const label = `${name}: ${what}`;
  for (let first = 0; first < rows.samples; first += portion) {
    onProgress({ label, done: first, total: rows.samples, unit: "samples" });
    await setImmediate(); // an interrupt comes through
    signal.throwIfAborted();
    use(rows.rows(first, Math.min(portion, rows.samples - first)), size);
  }
  onProgress({ label, done: rows.samples, total: rows.samples, unit: "samples" });
}
