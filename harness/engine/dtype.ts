/** @file Element types: our names, TensorFlow's numbers (types.proto), JavaScript's arrays. */

import type { Values } from "./tensorflow.ts";

export const DTYPE = { float32: 1, float64: 2, int32: 3, uint8: 4, int64: 9, bool: 10 } as const;
export type DType = keyof typeof DTYPE;

/** Types a variable or an input may have: those the addon can hand over. */
export const STORED_TYPES = ["float32", "int32", "uint8"] as const;
export type StoredType = (typeof STORED_TYPES)[number];

/** Types that TensorFlow has and nothing here uses: only to name them. */
const OTHERS: Readonly<Record<number, string>> = {
  5: "int16",
  6: "int8",
  7: "string",
  8: "complex64",
  14: "bfloat16",
  17: "uint16",
  18: "complex128",
  19: "float16",
  20: "resource",
  22: "uint32",
  23: "uint64",
};

const NAMES = new Map<number, DType>(
  Object.entries(DTYPE).map(([name, number]) => [number, name as DType]),
);

/** @throws Error for a type that no operation of ours makes. */
export function dtypeName(number: number): DType {
  const name = NAMES.get(number);
  if (!name)
    throw new Error(
      `a tensor of ${OTHERS[number] ?? `element type ${number}`}: only ${Object.keys(DTYPE).join(", ")} can be recorded`,
    );
  return name;
}

/** @throws Error naming the value, for a type that the addon cannot hand over. */
export function requireStored(what: string, dtype: string): void {
  if (STORED_TYPES.some((stored) => stored === dtype)) return;
  throw new Error(`${what} is ${dtype}: only ${STORED_TYPES.join(", ")} can be stored or fed`);
}

export function allocate(dtype: StoredType, length: number): Values {
  if (dtype === "float32") return new Float32Array(length);
  return dtype === "int32" ? new Int32Array(length) : new Uint8Array(length);
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((size, d) => size * d, 1);
