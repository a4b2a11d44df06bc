/** @file Features in a file as a source of float32 rows, of which one chunk is in memory. */

import { UserError } from "../errors.ts";
import type { FeatureSource } from "../measure/feature-source.ts";
import { ByteReader, placeOf, type StoredArray } from "./stored-array.ts";

/** Above it a D x D matrix in float64 and its copies need more than 4 GiB. */
export const WIDEST = 8192;

export class FileFeatures implements FeatureSource {
  readonly samples: number;
  readonly width: number;
  readonly array: StoredArray;
  readonly #reader: ByteReader;
  #bytes = new ArrayBuffer(0);

  /** @throws UserError when the array is no usable matrix of features, [m, D]. */
  constructor(array: StoredArray) {
    checkFeatures(array);
    [this.samples, this.width] = array.shape as [number, number];
    this.array = array;
    this.#reader = new ByteReader(array.path);
  }

  /** @throws UserError when the file ends early or a feature is not finite. */
  rows(first: number, count: number): Float32Array {
    const { element, offset } = this.array;
    const length = count * this.width;
    const size = length * element.bytes;
    if (this.#bytes.byteLength < size) this.#bytes = new ArrayBuffer(size);
    const start = offset + first * this.width * element.bytes;
    this.#reader.read(start, size, new Uint8Array(this.#bytes));
    const decoded = element.decode(this.#bytes, length);
    const values = decoded instanceof Float32Array ? decoded : Float32Array.from(decoded);
    this.#checkFinite(values, first);
    return values;
  }

  close(): void {
    this.#reader.close();
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

function checkFeatures(array: StoredArray): void {
  const { shape, element } = array;
  const place = placeOf(array);
  const shown = `[${shape.join(", ")}]`;
  if (element.kind !== "float")
    throw new UserError(
      `${place} holds ${element.name}; features are float16, bfloat16, float32 or float64.`,
    );
  if (shape.length !== 2)
    throw new UserError(
      `${place} has shape ${shown}; features are [samples, width]. Average over space with ` +
        "features.mean((2, 3)), over tokens with features.mean(1), or flatten with features.flatten(1).",
    );
  const [samples, width] = shape as [number, number];
  if (samples < 2 || width < 1)
    throw new UserError(`${place} has shape ${shown}; at least two samples are needed.`);
  if (width > WIDEST)
    throw new UserError(
      `${place} has ${width} features a sample; up to ${WIDEST} can be measured. Average them over ` +
        "space or tokens instead of flattening.",
    );
}
