/** @file Finds the arrays in a file, judging by its content, not its name. */

import { formatPlural } from "../format.ts";
import { statSync } from "node:fs";
import method from "../../record/method.json" with { type: "json" };
import { UserError } from "../errors.ts";
import type { ArrayUse } from "../arrays/array-use.ts";
import { NPY_MAGIC, npyArray } from "../arrays/npy-file.ts";
import { looksLikeSafetensors, safetensorsArrays } from "./safetensors-file.ts";
import {
  ByteReader,
  type FloatType,
  type StoredArray,
  elementCount,
  placeOf,
  readRows,
} from "../arrays/stored-array.ts";
import type { FeatureSource } from "../measure/ridge.ts";
import { Variation } from "./variation.ts";

/** Files that are often given instead, by their first bytes. */
const FOREIGN: readonly [start: string, what: string][] = [
  ["PK\x03\x04", "a zip archive, as np.savez and torch.save write it"],
  ["\x80", "a Python pickle, which is never loaded"],
  ["\x89HDF", "an HDF5 file"],
  ["\x1f\x8b", "a gzip file"],
];

/** What to write instead. */
const WRITE: Record<Exclude<ArrayUse, "samples">, string> = {
  features: "Write features with np.save(path, array), or several taps with safetensors.",
  labels: "Write labels with np.save(path, labels).",
  index: "Write the index with np.save(path, index).",
};

/** The arrays of a .npy (one) or safetensors file (none or more). @throws UserError for any other file. */
export function openArrays(path: string, use: keyof typeof WRITE = "features"): StoredArray[] {
  const reader = new ByteReader(path);
  try {
    const { size } = statSync(path);
    const start = Buffer.alloc(Math.min(size, 9));
    reader.read(0, start.length, start);
    if (start.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC)) return [npyArray(reader, size, use)];
    if (looksLikeSafetensors(start)) return safetensorsArrays(reader, size, use);
    const foreign = FOREIGN.find(([magic]) => start.toString("latin1").startsWith(magic));
    throw new UserError(
      `${path} is ${size === 0 ? "empty" : (foreign?.[1] ?? "neither .npy nor safetensors")}. ${WRITE[use]}`,
    );
  } finally {
    reader.close();
  }
}

/** With more features, a D x D matrix in float64 and its copies would need more than 4 GiB. */
const WIDEST = method.probe.widest;

class FileFeatures implements FeatureSource {
  readonly samples: number;
  readonly width: number;
  readonly array: StoredArray;
  /** Variation of the rows read so far. */
  readonly variation: Variation;
  readonly #element: FloatType;
  readonly #reader: ByteReader;
  #bytes = new ArrayBuffer(0);
  #rowsSeen = 0;

  /**
   * @param reader of the array's file, which all arrays in it may share
   * @throws UserError when the array is not a usable matrix of features, [m, D].
   */
  constructor(array: StoredArray, reader = new ByteReader(array.path)) {
    this.#element = checkFeatures(array);
    [this.samples, this.width] = array.shape as [number, number];
    this.array = array;
    this.variation = new Variation(this.width, this.#element.digits);
    this.#reader = reader;
  }

  /** @throws UserError when the file ends early or a feature is not finite. */
  rows(first: number, count: number): Float32Array {
    const length = count * this.width;
    const size = length * this.#element.bytes;
    if (this.#bytes.byteLength < size) this.#bytes = new ArrayBuffer(size);
    readRows(this.#reader, this.array, [first, count], this.#bytes);
    const decoded = this.#element.decode(this.#bytes, length);
    const values = decoded instanceof Float32Array ? decoded : Float32Array.from(decoded);
    this.#checkFinite(values, first);
    this.#addNew(decoded, values, first);
    return values;
  }

  close(): void {
    this.#reader.close();
  }

  /** Adds the rows that were not read before: rows are read in order, more than once. */
  #addNew(stored: Float32Array | Float64Array, values: Float32Array, first: number): void {
    const end = first + values.length / this.width;
    if (first > this.#rowsSeen || end <= this.#rowsSeen) return;
    const known = (this.#rowsSeen - first) * this.width;
    this.variation.add(stored.subarray(known), values.subarray(known));
    this.#rowsSeen = end;
  }

  #checkFinite(values: Float32Array, first: number): void {
    // x - x is 0 for every finite number and NaN for any other.
    const bad = values.findIndex((x) => x - x !== 0);
    if (bad === -1) return;
    const [row, column] = [first + Math.floor(bad / this.width), bad % this.width];
    throw new UserError(
      `${placeOf(this.array)}: row ${row}, column ${column} is ${values[bad]} as float32. ` +
        "Features must be finite; leave such samples out, with their labels.",
    );
  }
}

function checkFeatures(array: StoredArray): FloatType {
  const { shape, element } = array;
  const place = placeOf(array);
  if (element.kind !== "float")
    throw new UserError(
      `${place} holds ${element.name}; features are float16, bfloat16, float32 or float64. If these are ` +
        'features: array.astype("float32").',
    );
  const [samples, width] = shape;
  const wrong = (what: string) =>
    new UserError(`${place} has shape [${shape.join(", ")}]; ${what}`);
  if (samples === undefined || width === undefined || shape.length !== 2)
    throw wrong(`features are [samples, width]. ${ADVICE[shape.length] ?? MANY_AXES}`);
  if (width < 1)
    throw wrong("its samples have no features. Write what a layer returns, [samples, width].");
  if (samples < 2) throw wrong("at least two samples are needed.");
  if (width > WIDEST)
    throw new UserError(
      `${place} has ${width} features per sample; up to ${WIDEST} can be measured. Average them over ` +
        "space or tokens instead of flattening.",
    );
  return element;
}

/** By the number of axes; spelled so that it works in NumPy, PyTorch and JAX. */
const ADVICE: Readonly<Record<number, string>> = {
  0: "This is a single number; write a row of features for each sample.",
  1:
    "If each sample has one feature: features.reshape(-1, 1). If these are the features of one sample, stack " +
    "those of all samples.",
  3:
    "Average over tokens with features.mean(1). Average over space, of images without channels, with " +
    "features.mean((1, 2)) or flatten with features.reshape(len(features), -1).",
  4:
    "Average over space with features.mean((2, 3)), channels last with features.mean((1, 2)), or flatten with " +
    "features.reshape(len(features), -1).",
};

const MANY_AXES =
  "Average over space or time, all axes but those of samples and channels, or flatten with " +
  "features.reshape(len(features), -1).";

/** The taps in a features file, each with its counterpart in the file of test features. */
export interface TapFiles {
  train: FileFeatures;
  test: FileFeatures | null;
}

export interface OpenTaps {
  taps: TapFiles[];
  /** Names of tensors without elements in the features file, which are not taps. */
  empty: string[];
}

/** @throws UserError unless all taps have the same samples, and the test file the same taps. */
export function openTaps(features: string, testFeatures: string | null): OpenTaps {
  const { matrices: train, empty } = openMatrices(features);
  const test = testFeatures === null ? null : openMatrices(testFeatures).matrices;
  if (test) checkCounterparts(train, test);
  return { taps: train.map((source, i) => ({ train: source, test: test?.[i] ?? null })), empty };
}

function openMatrices(path: string): { matrices: FileFeatures[]; empty: string[] } {
  const arrays = openArrays(path);
  if (arrays.length === 0) throw new UserError(`${path} holds no tensors.`);
  const filled = arrays.filter(({ shape }) => elementCount(shape) > 0);
  const reader = new ByteReader(path); // one open file, however many taps it holds
  const matrices = (filled.length === 0 ? arrays : filled).map(
    (array) => new FileFeatures(array, reader),
  );
  const [first] = matrices as [FileFeatures];
  const other = matrices.find(({ samples }) => samples !== first.samples);
  if (other)
    throw new UserError(
      `${placeOf(other.array)} has ${other.samples} samples, ${placeOf(first.array)} has ` +
        `${first.samples}. All taps must have the same samples.`,
    );
  const empty = arrays.filter((array) => filled.length > 0 && !filled.includes(array));
  return { matrices, empty: empty.map(({ name }) => name!) };
}

function checkCounterparts(train: FileFeatures[], test: FileFeatures[]): void {
  if (test.length !== train.length)
    throw new UserError(
      `${test[0]!.array.path} has ${formatPlural(test.length, "tap")}, ${train[0]!.array.path} has ${train.length}.`,
    );
  for (const [i, { array, width }] of train.entries()) {
    const other = test[i]!;
    if (array.name !== null && other.array.name !== null && array.name !== other.array.name)
      throw new UserError(`${placeOf(other.array)} is not the counterpart of ${placeOf(array)}.`);
    if (other.width !== width)
      throw new UserError(
        `${placeOf(other.array)} is ${other.width} wide, ${placeOf(array)} is ${width}.`,
      );
  }
}
