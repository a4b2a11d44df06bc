/**
 * @file The safetensors format (github.com/huggingface/safetensors, "Format"): an 8-byte little-endian length, a JSON
 * header of that length, then the tensors' bytes, row-major and little-endian, without gaps.
 */

export interface StoredTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array | Float64Array | Int32Array | Uint8Array;
}

/** What a file holds: tensors, and a flat map of texts. */
export interface Stored {
  tensors: StoredTensor[];
  metadata: Record<string, string>;
}

const ARRAYS = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
type Code = keyof typeof ARRAYS;

interface HeaderEntry {
  dtype: Code;
  shape: number[];
  data_offsets: [start: number, end: number];
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
 * @throws RangeError or SyntaxError saying what is wrong with it.
 */
export function parseSafetensors(file: Uint8Array): Stored {
  const { entries, metadata, start } = readHeader(file);
  let expected = 0;
  for (const [name, { data_offsets }] of inFileOrder(entries)) {
    if (data_offsets[0] !== expected)
      throw new RangeError(`${name} does not begin where it should`);
    expected = data_offsets[1];
  }
  const missing = start + expected - file.length;
  if (missing > 0) throw new RangeError(`the last ${missing} bytes are missing`);
  if (missing < 0) throw new RangeError(`${-missing} bytes too many`);
  return {
    metadata,
    tensors: entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => ({
        name,
        shape,
        values: new ARRAYS[dtype](copyOf(file, start + from, start + to)),
      }),
    ),
  };
}

function readHeader(file: Uint8Array) {
  if (file.length < 8) throw new RangeError("it is shorter than the length of its header");
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const start = 8 + length;
  if (length > LARGEST_HEADER) throw new RangeError("it does not begin with a header's length");
  if (start > file.length) throw new RangeError("its header is cut off");
  const text = new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, start));
  const header = JSON.parse(text) as Record<string, unknown> | null;
  if (header === null || typeof header !== "object") throw new RangeError("it has no header");
  const { __metadata__: metadata = {}, ...rest } = header;
  const entries = Object.entries(rest);
  for (const [name, entry] of entries) checkEntry(name, entry);
  return { entries: entries as [string, HeaderEntry][], metadata: texts(metadata), start };
}

/** @throws RangeError unless the entry describes an array we can hold. */
function checkEntry(name: string, value: unknown): void {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
    throw new RangeError(`the header's entry ${name} is damaged`);
  const array = ARRAYS[dtype as Code] as (typeof ARRAYS)[Code] | undefined;
  if (!array)
    throw new RangeError(
      `${name} holds ${String(dtype)}; ${Object.keys(ARRAYS).join(", ")} can be read`,
    );
  const size = shape.reduce((product, d) => product * d, array.BYTES_PER_ELEMENT);
  if (offsets[1]! - offsets[0]! !== size)
    throw new RangeError(
      `${name} has ${offsets[1]! - offsets[0]!} bytes where its shape needs ${size}`,
    );
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

function texts(metadata: unknown): Record<string, string> {
  const pairs = Object.entries(metadata as Record<string, unknown>);
  const bad = pairs.find(([, value]) => typeof value !== "string");
  if (bad) throw new RangeError(`its metadata ${bad[0]} is not a text`);
  return Object.fromEntries(pairs) as Record<string, string>;
}

const inFileOrder = (entries: readonly [string, HeaderEntry][]) =>
  entries.toSorted(
    ([, a], [, b]) =>
      a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const codeOf = (values: StoredTensor["values"]) =>
  (Object.keys(ARRAYS) as Code[]).find((code) => values instanceof ARRAYS[code])!;

const bytesOf = ({ buffer, byteOffset, byteLength }: StoredTensor["values"]) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A copy, because an array of numbers must begin at a multiple of its element's size. */
const copyOf = (file: Uint8Array, from: number, to: number): ArrayBuffer =>
  file.buffer.slice(file.byteOffset + from, file.byteOffset + to) as ArrayBuffer;
