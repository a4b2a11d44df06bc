/** @file Writes NumPy's .npy files, version 1.0 (numpy.lib.format, NEP 1). */

import { writeAtomic } from "../files.ts";

/** Arrays NumPy can read as they are; JavaScript runs on little-endian machines only. */
export type NpyValues = Float32Array | Float64Array | Int32Array | Uint8Array;

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
export function npyHeader(type: string, shape: readonly number[]): Uint8Array {
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
