/** @file Finds the tensors in a safetensors file. */

import {
  type TensorPlace,
  checkLayout,
  checkSize,
  headerLength,
  parseHeader,
} from "../engine/safetensors.ts";
import { visibleLine } from "../../setup/shared/visible.mjs";
import { UserError } from "../errors.ts";
import type { ArrayUse } from "../arrays/array-use.ts";
import {
  type ByteReader,
  ELEMENT,
  type ElementType,
  type StoredArray,
  damaged,
} from "../arrays/stored-array.ts";

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

/** Whether a file with these first 9 bytes begins as safetensors does: a possible length, then an opening brace. */
export function looksLikeSafetensors(start: Uint8Array): boolean {
  return start.length >= 9 && start[8] === 0x7b && headerLength(start) !== null;
}

/**
 * All tensors, ordered by name, with numbers in names by value: `layer2` before `layer10`. (Programs that write the
 * format order by element type and name, so the file has no other order.)
 */
export function safetensorsArrays(reader: ByteReader, size: number, use: ArrayUse): StoredArray[] {
  const { path } = reader;
  const start = Buffer.alloc(8);
  reader.read(0, 8, start);
  const header = Buffer.alloc(headerLength(start)!);
  reader.read(8, header.length, header);
  const begin = 8 + header.length;
  try {
    const { places } = parseHeader(header);
    const arrays = places.map((place) => storedArray(path, place, begin, use));
    checkLayout(places, size - begin);
    return arrays.sort((a, b) => BY_NAME.compare(a.name!, b.name!));
  } catch (error) {
    if (error instanceof RangeError) throw damaged(path, error.message);
    throw error;
  }
}

const BY_NAME = new Intl.Collator("en", { numeric: true });

function storedArray(path: string, place: TensorPlace, begin: number, use: ArrayUse): StoredArray {
  const { name, dtype, shape, start } = place;
  const element = Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined;
  if (!element)
    throw new UserError(
      visibleLine(
        `${path}: ${name} has elements of type ${dtype}; save it as ${use === "features" ? "F32" : "I64"}.`,
      ),
    );
  checkSize(place, element.bytes);
  return { path, name, element, shape, offset: begin + start, columnMajor: false };
}
