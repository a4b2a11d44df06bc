/** @file Reads the header of a safetensors file: 8 bytes of length, JSON, then the tensors' bytes without gaps. */

import { z } from "zod";
import { UserError } from "../errors.ts";
import { ELEMENT, type ElementType } from "./element-type.ts";
import { damaged, type ByteReader, type StoredArray } from "./stored-array.ts";

const TYPES: Readonly<Record<string, ElementType>> = {
  F16: ELEMENT.float16,
  BF16: ELEMENT.bfloat16,
  F32: ELEMENT.float32,
  F64: ELEMENT.float64,
  I8: ELEMENT.int8,
  I16: ELEMENT.int16,
  I32: ELEMENT.int32,
  I64: ELEMENT.int64,
  U8: ELEMENT.uint8,
  U16: ELEMENT.uint16,
  U32: ELEMENT.uint32,
  U64: ELEMENT.uint64,
  BOOL: ELEMENT.bool,
};

/** The format's own limit, in bytes. */
const LARGEST_HEADER = 100_000_000;

const Count = z.int().min(0);
const Tensor = z.object({
  dtype: z.string(),
  shape: z.array(Count),
  data_offsets: z.tuple([Count, Count]),
});
const Header = z.record(z.string(), z.unknown());

/** Does a file with these first 9 bytes start as safetensors does: a possible length, then an opening brace? */
export function looksLikeSafetensors(start: Buffer): boolean {
  return start.length >= 9 && start[8] === 0x7b && headerLength(start) <= LARGEST_HEADER;
}

/**
 * Every tensor, ordered by name with numbers by value: `layer2` before `layer10`. (The writers of the format
 * order by element type and name, so the file keeps no other order.)
 */
export function safetensorsArrays(reader: ByteReader, size: number): StoredArray[] {
  const start = Buffer.alloc(8);
  reader.read(0, 8, start);
  const length = headerLength(start);
  const text = Buffer.alloc(length);
  reader.read(8, length, text);
  const begin = 8 + length;
  const arrays = Object.entries(parseHeader(reader.path, text.toString("utf8")))
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => storedArray(reader.path, name, value, begin));
  checkLayout(reader.path, arrays, begin, size);
  return arrays.sort((a, b) => BY_NAME.compare(a.name!, b.name!));
}

const BY_NAME = new Intl.Collator("en", { numeric: true });

const headerLength = (start: Buffer) => Number(start.readBigUInt64LE(0));

function parseHeader(path: string, text: string): Record<string, unknown> {
  try {
    return Header.parse(JSON.parse(text));
  } catch {
    throw damaged(path, "its header is not a JSON object");
  }
}

function storedArray(path: string, name: string, value: unknown, begin: number): StoredArray {
  const tensor = Tensor.safeParse(value);
  if (!tensor.success) throw damaged(path, `the header's entry for ${name} is incomplete`);
  const { dtype, shape, data_offsets: offsets } = tensor.data;
  const element = TYPES[dtype];
  if (!element)
    throw new UserError(`${path}: ${name} has elements of type ${dtype}; save it as F32.`);
  const bytes = shape.reduce((count, d) => count * d, element.bytes);
  if (offsets[1] - offsets[0] !== bytes)
    throw damaged(path, `${name} should have ${bytes} bytes, has ${offsets[1] - offsets[0]}`);
  return { path, name, element, shape, offset: begin + offsets[0] };
}

/** Tensors fill the file one after the other, as the format demands. */
function checkLayout(path: string, arrays: StoredArray[], begin: number, size: number): void {
  let end = begin;
  for (const { offset, shape, element, name } of [...arrays].sort((a, b) => a.offset - b.offset)) {
    if (offset !== end) throw damaged(path, `${name} does not start where the one before it ends`);
    end += shape.reduce((count, d) => count * d, element.bytes);
  }
  if (end !== size) throw damaged(path, `its header announces ${end} bytes, the file has ${size}`);
}
