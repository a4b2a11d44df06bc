/** @file Element types of stored arrays, and how their bytes become numbers. All are little-endian, as is the machine. */

export type ElementType = FloatType | WholeType;

export interface FloatType {
  kind: "float";
  /** As people say it. */
  name: string;
  bytes: number;
  /** Of the significand, the leading one included: whole numbers up to 2^digits are all there. */
  digits: number;
  /** Numbers of `count` elements at the start of `buffer`. */
  decode: DecodeFloats;
}

export interface WholeType {
  kind: "integer" | "boolean";
  name: string;
  bytes: number;
  /** Exact: a number up to 2^53 - 1 in size, and a bigint beyond. */
  decode: Decode<number | bigint>;
}

type Decode<Value> = (buffer: ArrayBuffer, count: number) => ArrayLike<Value>;
type DecodeFloats = (buffer: ArrayBuffer, count: number) => Float32Array | Float64Array;
type Values<Numbers> = new (buffer: ArrayBuffer, offset: number, length: number) => Numbers;

const direct =
  <Numbers>(Values: Values<Numbers>) =>
  (buffer: ArrayBuffer, count: number): Numbers =>
    new Values(buffer, 0, count);

/** A double has one neighbour's value for many whole numbers beyond 2^53, so those stay what they are. */
const wide =
  (Values: typeof BigInt64Array | typeof BigUint64Array): Decode<number | bigint> =>
  (buffer, count) =>
    Array.from(new Values(buffer, 0, count), (value) => {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    });

/** As in NumPy, every byte but 0 is true. */
const decodeBool: Decode<number> = (buffer, count) =>
  new Uint8Array(buffer, 0, count).map((byte) => Number(byte !== 0));

/** bfloat16 is the upper half of a float32. */
const decodeBfloat16: DecodeFloats = (buffer, count) => {
  const bits = Uint32Array.from(new Uint16Array(buffer, 0, count), (half) => half << 16);
  return new Float32Array(bits.buffer);
};

let halves: Float32Array | null = null;
const decodeFloat16: DecodeFloats = (buffer, count) => {
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

const float = (name: string, bytes: number, digits: number, decode: DecodeFloats): FloatType => ({
  kind: "float",
  name,
  bytes,
  digits,
  decode,
});

const whole = (
  name: string,
  bytes: number,
  decode: WholeType["decode"],
  kind: WholeType["kind"] = "integer",
): WholeType => ({ kind, name, bytes, decode });

export const ELEMENT = {
  float16: float("float16", 2, 11, decodeFloat16),
  bfloat16: float("bfloat16", 2, 8, decodeBfloat16),
  float32: float("float32", 4, 24, direct(Float32Array)),
  float64: float("float64", 8, 53, direct(Float64Array)),
  int8: whole("int8", 1, direct(Int8Array)),
  int16: whole("int16", 2, direct(Int16Array)),
  int32: whole("int32", 4, direct(Int32Array)),
  int64: whole("int64", 8, wide(BigInt64Array)),
  uint8: whole("uint8", 1, direct(Uint8Array)),
  uint16: whole("uint16", 2, direct(Uint16Array)),
  uint32: whole("uint32", 4, direct(Uint32Array)),
  uint64: whole("uint64", 8, wide(BigUint64Array)),
  bool: whole("bool", 1, decodeBool, "boolean"),
} as const;
