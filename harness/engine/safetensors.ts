/**
 * @file The safetensors format (github.com/huggingface/safetensors, "Format"): an 8-byte little-endian length, a JSON
 * header of that length, then the tensors' bytes, row-major and little-endian, without gaps.
 */

export interface StoredTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array | Float64Array | Int32Array | Uint8Array;
}

/** What a file holds: tensors, and a flat map of strings. */
export interface Stored {
  tensors: StoredTensor[];
  metadata: Record<string, string>;
}

const ARRAYS = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
type Code = keyof typeof ARRAYS;

/** Where a tensor lies: its bytes are start..end-1, counted from the end of the header. */
export interface TensorPlace {
  name: string;
  dtype: string;
  shape: number[];
  start: number;
  end: number;
}

/** The format's own limit, so that no reader is made to allocate a header of any size. */
const LARGEST_HEADER = 100_000_000;

/** @returns the parts of the file, in order; larger elements come first, so every tensor is aligned. */
export function safetensorsParts({ tensors, metadata }: Stored): Uint8Array[] {
  const sorted = tensors.toSorted(
    (a, b) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT || compare(a.name, b.name),
  );
  const header: [string, unknown][] = [["__metadata__", metadata]];
  let end = 0;
  for (const { name, shape, values } of sorted) {
    const start = end;
    end += values.byteLength;
    header.push([name, { dtype: codeOf(values), shape, data_offsets: [start, end] }]);
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, " ");
  text.copy(padded);
  const length = new Uint8Array(new BigUint64Array([BigInt(padded.length)]).buffer);
  return [length, padded, ...sorted.map(({ values }) => bytesOf(values))];
}

/**
 * Reads a whole file; the values are copies.
 *
 * @throws RangeError saying what is wrong with it.
 */
export function parseSafetensors(file: Uint8Array): Stored {
  const length = headerLength(file);
  if (length === null) throw new RangeError("it does not begin with a header's length");
  const begin = 8 + length;
  if (begin > file.length) throw new RangeError("its header is cut off");
  const { places, metadata } = parseHeader(file.subarray(8, begin));
  const types = places.map((place) => arrayOf(place));
  checkLayout(places, file.length - begin);
  const tensors = places.map(({ name, shape, start, end }, i) => ({
    name,
    shape,
    values: new types[i]!(copyOf(file, begin + start, begin + end)),
  }));
  return { metadata, tensors };
}

/** Header length of a file that begins with these 8 bytes or more; null when no file of this format does. */
export function headerLength(start: Uint8Array): number | null {
  if (start.length < 8) return null;
  const length = Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
  return length > LARGEST_HEADER ? null : length;
}

/** The tensors that a header lists, and its metadata. @throws RangeError saying what is wrong with it. */
export function parseHeader(bytes: Uint8Array) {
  const { __metadata__: metadata, ...entries } = jsonObject(bytes);
  const places = Object.entries(entries).map(([name, entry]) => tensorPlace(name, entry));
  return { places, metadata: texts(metadata ?? {}) };
}

/**
 * Tensors fill the file without gaps, as the format demands; one without elements takes no room.
 *
 * @param bytes number of bytes after the header.
 * @throws RangeError naming the first tensor out of line, or the number of bytes missing or left at the end.
 */
export function checkLayout(places: readonly TensorPlace[], bytes: number): void {
  let filled = 0;
  for (const { name, start, end } of places.toSorted(
    (a, b) => a.start - b.start || a.end - b.end,
  )) {
    if (start !== filled)
      throw new RangeError(`${name} does not begin where the one before it ends`);
    filled = end;
  }
  if (filled > bytes) throw new RangeError(`the last ${filled - bytes} bytes are missing`);
  if (filled < bytes) throw new RangeError(`${bytes - filled} bytes too many`);
}

/** @throws RangeError unless the tensor has as many bytes as elements of this size need. */
export function checkSize({ name, shape, start, end }: TensorPlace, elementBytes: number): void {
  const size = shape.reduce((product, d) => product * d, elementBytes);
  if (end - start !== size)
    throw new RangeError(`${name} should have ${size} bytes, has ${end - start}`);
}

function jsonObject(bytes: Uint8Array): Record<string, unknown> {
  const parse = () =>
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  let value: unknown = null;
  try {
    value = parse();
  } catch {
    // Reported below, as for JSON that is not an object.
  }
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new RangeError("its header is not a JSON object");
  return value as Record<string, unknown>;
}

function tensorPlace(name: string, entry: unknown): TensorPlace {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
    throw new RangeError(`the header's entry ${name} is damaged`);
  return { name, dtype, shape, start: offsets[0]!, end: offsets[1]! };
}

/** @throws RangeError unless the tensor is an array we can hold. */
function arrayOf(place: TensorPlace) {
  const array = ARRAYS[place.dtype as Code] as (typeof ARRAYS)[Code] | undefined;
  if (!array)
    throw new RangeError(
      `${place.name} holds ${place.dtype}; ${Object.keys(ARRAYS).join(", ")} can be read`,
    );
  checkSize(place, array.BYTES_PER_ELEMENT);
  return array;
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

function texts(metadata: unknown): Record<string, string> {
  const pairs = Object.entries(metadata as Record<string, unknown>);
  const bad = pairs.find(([, value]) => typeof value !== "string");
  if (bad) throw new RangeError(`its metadata ${bad[0]} is not a string`);
  return Object.fromEntries(pairs) as Record<string, string>;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const codeOf = (values: StoredTensor["values"]) =>
  (Object.keys(ARRAYS) as Code[]).find((code) => values instanceof ARRAYS[code])!;

const bytesOf = ({ buffer, byteOffset, byteLength }: StoredTensor["values"]) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A copy, because an array of numbers must begin at a multiple of its element's size. */
const copyOf = (file: Uint8Array, from: number, to: number): ArrayBuffer =>
  file.buffer.slice(file.byteOffset + from, file.byteOffset + to) as ArrayBuffer;
