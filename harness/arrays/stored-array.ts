/** @file An array in a file: where it is, what it holds, and how parts of it are read. */

import { closeSync, openSync, readSync } from "node:fs";
import { visibleLine } from "../../setup/shared/visible.mjs";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk } from "../files.ts";

export interface StoredArray {
  path: string;
  /** The tensor's name in its file; null in a file that holds one array. */
  name: string | null;
  element: ElementType;
  shape: number[];
  /** Offset of its first byte in the file. */
  offset: number;
  /** Whether the first axis varies fastest (Fortran order). */
  columnMajor: boolean;
}

/** `features.npy` or `features.safetensors: layer1`. */
export const placeOf = ({ path, name }: StoredArray) =>
  visibleLine(name === null ? path : `${path}: ${name}`);

/** Number of elements in an array of this shape. */
export const elementCount = (shape: readonly number[]) =>
  shape.reduce((product, size) => product * size, 1);

/** The error for a file that contradicts itself; the remedy is to write it again. */
export const damaged = (path: string, what: string) =>
  new UserError(visibleLine(`${path} is damaged: ${what}. Write it again.`), EXIT.verification);

/** A file opened for reading parts of it. */
export class ByteReader {
  readonly path: string;
  readonly #file: number;
  #isOpen = true;

  /** @throws UserError when it cannot be opened. */
  constructor(path: string) {
    this.path = path;
    this.#file = openForReading(path);
  }

  /** Reads `length` bytes from `offset` into the start of `into`. @throws UserError when the file ends before. */
  read(offset: number, length: number, into: Uint8Array): void {
    for (let done = 0; done < length;) {
      const count = this.#readSome(into.subarray(done, length), offset + done);
      if (count === 0) throw damaged(this.path, `it ends ${length - done} bytes too early`);
      done += count;
    }
  }

  /** A second call does nothing, because several arrays may share their file's reader. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }

  #readSome(into: Uint8Array, position: number): number {
    try {
      return readSync(this.#file, into, { position });
    } catch (error) {
      throw explainDisk(error, this.path);
    }
  }
}

/** Reads rows first..first+count-1 of a matrix, or elements of a list, row-major, into the start of `into`. */
export function readRows(
  reader: ByteReader,
  array: StoredArray,
  [first, count]: readonly [first: number, count: number],
  into: ArrayBuffer,
): void {
  const { shape, element, offset, columnMajor } = array;
  const [rows = 1, width = 1] = shape;
  const bytes = new Uint8Array(into);
  if (!columnMajor || width === 1) {
    const row = width * element.bytes;
    return reader.read(offset + first * row, count * row, bytes);
  }
  const piece = count * element.bytes;
  const columns = new ArrayBuffer(width * piece);
  for (let column = 0; column < width; column++) {
    const start = offset + (column * rows + first) * element.bytes;
    reader.read(start, piece, new Uint8Array(columns, column * piece, piece));
  }
  transpose(columns, into, [width, count], element);
}

/** The bytes of the first rows of a list or a matrix. */
export function firstRows(array: StoredArray, count: number): ArrayBuffer {
  const bytes = new ArrayBuffer(count * (array.shape[1] ?? 1) * array.element.bytes);
  const reader = new ByteReader(array.path);
  try {
    readRows(reader, array, [0, count], bytes);
  } finally {
    reader.close();
  }
  return bytes;
}

/** Blocks of this many rows and columns stay in the processor's cache. */
const BLOCK = 64;

/** @param from [n, m], row-major. @param into [m, n]. */
function transpose(
  from: ArrayBuffer,
  into: ArrayBuffer,
  [n, m]: readonly [number, number],
  { bytes }: ElementType,
): void {
  // In words of four bytes at most: elements are moved bit for bit, whatever they mean.
  const Words = bytes === 1 ? Uint8Array : bytes === 2 ? Uint16Array : Uint32Array;
  const words = bytes / Words.BYTES_PER_ELEMENT;
  const [source, target] = [new Words(from), new Words(into, 0, n * m * words)];
  for (let top = 0; top < n; top += BLOCK)
    for (let left = 0; left < m; left += BLOCK)
      for (let i = top; i < Math.min(n, top + BLOCK); i++)
        for (let j = left; j < Math.min(m, left + BLOCK); j++)
          for (let word = 0; word < words; word++)
            target[(j * n + i) * words + word] = source[(i * m + j) * words + word]!;
}

function openForReading(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new UserError(`There is no file ${path}.`, EXIT.usage, { cause: error });
    throw explainDisk(error, path);
  }
}

/** Element types of stored arrays, and how their bytes become numbers. All are little-endian, as is the machine. */
export type ElementType = FloatType | WholeType;

export interface FloatType {
  kind: "float";
  /** As messages name it. */
  name: string;
  bytes: number;
  /** Bits of the significand, the leading one included: all whole numbers up to 2^digits are representable. */
  digits: number;
  /** The values of `count` elements at the start of `buffer`. */
  decode: DecodeFloats;
}

interface WholeType {
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

/** Beyond 2^53 several whole numbers share one double, so those stay bigints. */
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
