/** @file Reads the header of a .npy file, versions 1 to 3 (numpy.lib.format, NEP 1). Pickled objects are never loaded. */

import { UserError } from "../errors.ts";
import { ELEMENT, type ElementType } from "./element-type.ts";
import { damaged, type ByteReader, type StoredArray } from "./stored-array.ts";

export const NPY_MAGIC = Buffer.from("\x93NUMPY", "latin1");

const TYPES: Readonly<Record<string, ElementType>> = {
  "<f2": ELEMENT.float16,
  "<f4": ELEMENT.float32,
  "<f8": ELEMENT.float64,
  "|i1": ELEMENT.int8,
  "<i2": ELEMENT.int16,
  "<i4": ELEMENT.int32,
  "<i8": ELEMENT.int64,
  "|u1": ELEMENT.uint8,
  "<u2": ELEMENT.uint16,
  "<u4": ELEMENT.uint32,
  "<u8": ELEMENT.uint64,
  "|b1": ELEMENT.bool,
};

/** @throws UserError for a file that is damaged, or that holds what the probe cannot use. */
export function npyArray(reader: ByteReader, size: number): StoredArray {
  const { path } = reader;
  const { text, offset } = headerText(reader);
  const { descr, fortranOrder, shape } = parseHeader(path, text);
  if (fortranOrder && shape.length > 1)
    throw new UserError(
      `${path} is in Fortran order. Write it with np.save(path, np.ascontiguousarray(array)).`,
    );
  const element = elementOf(path, descr);
  const expected = offset + shape.reduce((count, d) => count * d, element.bytes);
  if (size !== expected)
    throw damaged(path, `its header announces ${expected} bytes, the file has ${size}`);
  return { path, name: null, element, shape, offset };
}

function headerText(reader: ByteReader): { text: string; offset: number } {
  const start = Buffer.alloc(12);
  reader.read(0, 10, start);
  const version = start[6]!;
  if (version < 1 || version > 3)
    throw new UserError(`${reader.path}: .npy version ${version} is not known; 1 to 3 are.`);
  const wide = version > 1;
  if (wide) reader.read(10, 2, start.subarray(10));
  const length = wide ? start.readUInt32LE(8) : start.readUInt16LE(8);
  if (length > 1 << 20) throw damaged(reader.path, `its header would have ${length} bytes`);
  const header = Buffer.alloc(length);
  const begin = wide ? 12 : 10;
  reader.read(begin, length, header);
  return { text: header.toString(version === 3 ? "utf8" : "latin1"), offset: begin + length };
}

/** The header is a Python dictionary with three keys. */
function parseHeader(path: string, text: string) {
  const descr = /'descr':\s*('[^']*'|\[)/.exec(text)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || sizes === undefined)
    throw damaged(path, "its header is no NumPy header");
  const shape = sizes.split(",").filter((size) => size.trim() !== "");
  return {
    descr: descr.replaceAll("'", ""),
    fortranOrder: fortran === "True",
    shape: shape.map((size) => Number.parseInt(size, 10)),
  };
}

function elementOf(path: string, descr: string): ElementType {
  const known = TYPES[descr];
  if (known) return known;
  if (descr === "|O")
    throw new UserError(
      `${path} holds pickled Python objects, which are never loaded. Write a plain array of numbers.`,
    );
  const what = descr === "[" ? "records" : `elements of type ${descr}`;
  throw new UserError(
    `${path} holds ${what}; a plain array is wanted: ${Object.keys(TYPES).join(", ")}. ` +
      `Convert it with array.astype("float32"), labels with array.astype("int64").`,
  );
}
