/** @file Element types: our names, TensorFlow's numbers (types.proto), JavaScript's arrays. */

import type { Values } from "./tensorflow.ts";

export const DTYPE = { float32: 1, float64: 2, int32: 3, uint8: 4, int64: 9, bool: 10 } as const;
export type DType = keyof typeof DTYPE;

/** Types a variable or an input may have: those the addon can hand over. */
export type StoredType = "float32" | "int32" | "uint8";

const NAMES = new Map<number, DType>(
  Object.entries(DTYPE).map(([name, number]) => [number, name as DType]),
);

/** @throws Error for a type that no operation of ours makes. */
export function dtypeName(number: number): DType {
  const name = NAMES.get(number);
  if (!name) throw new Error(`TensorFlow element type ${number} has no name here`);
  return name;
}

export function allocate(dtype: StoredType, length: number): Values {
  if (dtype === "float32") return new Float32Array(length);
  return dtype === "int32" ? new Int32Array(length) : new Uint8Array(length);
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((size, d) => size * d, 1);
