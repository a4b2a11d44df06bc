/** @file Features in a file as a source of float32 rows, of which one chunk is in memory. */

import { UserError } from "../errors.ts";
import type { FeatureSource } from "../measure/ridge.ts";
import type { FloatType } from "./element-type.ts";
import { ByteReader, type StoredArray, placeOf, readRows } from "./stored-array.ts";
import { Variation } from "./variation.ts";

/** Above it a D x D matrix in float64 and its copies need more than 4 GiB. */
export const WIDEST = 8192;

export class FileFeatures implements FeatureSource {
  readonly samples: number;
  readonly width: number;
  readonly array: StoredArray;
  /** Of the rows read so far. */
  readonly variation: Variation;
  readonly #element: FloatType;
  readonly #reader: ByteReader;
  #bytes = new ArrayBuffer(0);
  #rowsSeen = 0;

  /**
   * @param reader of the array's file, which all arrays in it may share
   * @throws UserError when the array is no usable matrix of features, [m, D].
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

  /** Rows are read in order, more than once. */
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
      `${place} has ${width} features a sample; up to ${WIDEST} can be measured. Average them over ` +
        "space or tokens instead of flattening.",
    );
  return element;
}

/** By the number of axes; spelled so that NumPy, PyTorch and JAX take it. */
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
