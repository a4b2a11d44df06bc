/** @file Writes what `--save features,per-sample` keeps of a run, to be joined with scores published elsewhere. */

import { join } from "node:path";
import type { HeadPlace } from "../../record/head-places.ts";
import { writeAtomic, writeJsonAtomic } from "../files.ts";
import type { TapFeatures } from "./controls.ts";

/** Bits of a byte in `per-sample.npy`. */
const BIT = { classCorrect: 1, randomLabelCorrect: 2 } as const;

/** `sample-index.npy` int32 [m]: each row's index in the full official training set. @returns the file's name. */
export function saveSampleIndex(folder: string, indices: Int32Array): string {
  writeNpy(join(folder, "sample-index.npy"), indices, [indices.length]);
  return "sample-index.npy";
}

/**
 * `canaries.npy` int32 [m]: the canary that took a row's place, -1 where none did. Its number of the official training set
 * still gives its random labels, but is no name for its image.
 *
 * @param at for some rows their canaries. @returns the file's name.
 */
export function saveCanaries(
  folder: string,
  samples: number,
  at: ReadonlyMap<number, number>,
): string {
  const canaries = Int32Array.from({ length: samples }, (_, row) => at.get(row) ?? -1);
  writeNpy(join(folder, "canaries.npy"), canaries, [samples]);
  return "canaries.npy";
}

/** `features-tapT.npy` float32 [m, D_T] for every tap given. @returns the files' names. */
export function saveFeatures(
  folder: string,
  samples: number,
  features: readonly TapFeatures[],
): string[] {
  return features.map(({ tap, values }) => {
    const name = `features-tap${tap}.npy`;
    writeNpy(join(folder, name), values, [samples, values.length / samples]);
    return name;
  });
}

interface PerSample {
  /** [m], 1 where the class is predicted. */
  classCorrect: Uint8Array;
  heads: readonly HeadPlace[];
  /** In the order of `heads`, [m] each, 1 where the random label is predicted. */
  randomLabelCorrect: readonly Uint8Array[];
}

/** `per-sample.npy` uint8 [m, heads] and `per-sample.json`, which says what its columns and bits are. */
export function savePerSample(folder: string, results: PerSample): string[] {
  const { classCorrect, heads } = results;
  writeNpy(join(folder, "per-sample.npy"), perSampleBytes(results), [
    classCorrect.length,
    heads.length,
  ]);
  const columns = heads.map(({ tap, n, draw }) => ({ tap, n, draw }));
  writeJsonAtomic(join(folder, "per-sample.json"), { bits: BIT, columns });
  return ["per-sample.npy", "per-sample.json"];
}

function perSampleBytes({ classCorrect, heads, randomLabelCorrect }: PerSample): Uint8Array {
  const bytes = new Uint8Array(classCorrect.length * heads.length);
  for (let i = 0; i < bytes.length; i++) {
    const [row, head] = [Math.floor(i / heads.length), i % heads.length];
    bytes[i] =
      (classCorrect[row] ? BIT.classCorrect : 0) |
      (randomLabelCorrect[head]![row] ? BIT.randomLabelCorrect : 0);
  }
  return bytes;
}

/** Arrays NumPy can read as they are; JavaScript runs on little-endian machines only. */
type NpyValues = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The file's bytes: header, then the values in row-major order. @throws Error when sizes disagree. */
export function npyBytes(values: NpyValues, shape: readonly number[]): Uint8Array {
  if (shape.reduce((size, d) => size * d, 1) !== values.length)
    throw new Error(`${values.length} values do not fill [${shape.join(", ")}]`);
  const header = npyHeader(typeCode(values), shape);
  const bytes = new Uint8Array(header.length + values.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length);
  return bytes;
}

/** Writes the file whole or not at all. */
export function writeNpy(path: string, values: NpyValues, shape: readonly number[]): void {
  writeAtomic(path, npyBytes(values, shape));
}

/** Magic, version, length and a Python dictionary, padded so that the values start at a multiple of 64. */
function npyHeader(type: string, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, " ");
  header.write("\x93NUMPY\x01\x00", "latin1");
  header.writeUInt16LE(length, 8);
  header.write(text, 10, "latin1");
  header.write("\n", 9 + length, "latin1");
  return header;
}

function typeCode(values: NpyValues): string {
  if (values instanceof Float32Array) return "<f4";
  if (values instanceof Float64Array) return "<f8";
  return values instanceof Int32Array ? "<i4" : "|u1";
}
