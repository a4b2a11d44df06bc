/** @file Element types of stored arrays, and how their bytes become numbers. All are little-endian, as is the machine. */

export interface ElementType {
  /** As people say it. */
  name: string;
  bytes: number;
  kind: "float" | "integer" | "boolean";
  /** Numbers of `count` elements at the start of `buffer`. */
  decode(buffer: ArrayBuffer, count: number): ArrayLike<number>;
}

type Values = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayLike<number>;

const direct =
  (Values: Values): ElementType["decode"] =>
  (buffer, count) =>
    new Values(buffer, 0, count);

/** Whole numbers beyond 2^53 lose their last bits; as labels they are refused for their size anyway. */
const wide =
  (Values: typeof BigInt64Array | typeof BigUint64Array): ElementType["decode"] =>
  (buffer, count) =>
    Float64Array.from(new Values(buffer, 0, count), Number);

/** bfloat16 is the upper half of a float32. */
const decodeBfloat16: ElementType["decode"] = (buffer, count) => {
  const bits = Uint32Array.from(new Uint16Array(buffer, 0, count), (half) => half << 16);
  return new Float32Array(bits.buffer);
};

let halves: Float32Array | null = null;
const decodeFloat16: ElementType["decode"] = (buffer, count) => {
  const table = (halves ??= Float32Array.from({ length: 0x1_0000 }, (_, bits) => half(bits)));
  return Float32Array.from(new Uint16Array(buffer, 0, count), (bits) => table[bits]!);
};

/** IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const type = (
  name: string,
  bytes: number,
  kind: ElementType["kind"],
  decode: ElementType["decode"],
): ElementType => ({ name, bytes, kind, decode });

export const ELEMENT = {
  float16: type("float16", 2, "float", decodeFloat16),
  bfloat16: type("bfloat16", 2, "float", decodeBfloat16),
  float32: type("float32", 4, "float", direct(Float32Array)),
  float64: type("float64", 8, "float", direct(Float64Array)),
  int8: type("int8", 1, "integer", direct(Int8Array)),
  int16: type("int16", 2, "integer", direct(Int16Array)),
  int32: type("int32", 4, "integer", direct(Int32Array)),
  int64: type("int64", 8, "integer", wide(BigInt64Array)),
  uint8: type("uint8", 1, "integer", direct(Uint8Array)),
  uint16: type("uint16", 2, "integer", direct(Uint16Array)),
  uint32: type("uint32", 4, "integer", direct(Uint32Array)),
  uint64: type("uint64", 8, "integer", wide(BigUint64Array)),
  bool: type("bool", 1, "boolean", direct(Uint8Array)),
} as const;
