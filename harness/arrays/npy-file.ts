/** @file Reads the header of a .npy file, versions 1 to 3 (numpy.lib.format, NEP 1). Pickled objects are never loaded. */

import { printable } from "../printable.ts";
import { UserError } from "../errors.ts";
import { type ArrayUse, NAMES_TO_NUMBERS } from "./array-use.ts";
import {
  type ByteReader,
  ELEMENT,
  type ElementType,
  type StoredArray,
  damaged,
  elementCount,
} from "./stored-array.ts";

export const NPY_MAGIC = Buffer.from("\x93NUMPY", "latin1");

/** @throws UserError for a file that is damaged, or that holds what the probe cannot use. */
export function npyArray(reader: ByteReader, size: number, use: ArrayUse): StoredArray {
  const { path } = reader;
  const { text, offset } = headerText(reader);
  const { descr, columnMajor, shape } = parseHeader(path, text);
  const element = elementOf(descr);
  if (!element) throw unusable(path, descr, use);
  const expected = offset + elementCount(shape) * element.bytes;
  if (size !== expected)
    throw damaged(path, `by its header it has ${expected} bytes, but there are ${size}`);
  return { path, name: null, element, shape, offset, columnMajor };
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

/** Python's quotes may be single or double; a type that is a list has records. */
const DESCR = /(['"])descr\1\s*:\s*u?(?:(['"])(.*?)\2|([[(]))/;
const ORDER = /(['"])fortran_order\1\s*:\s*(True|False)/;
const SHAPE = /(['"])shape\1\s*:\s*\(([\d\s,L]*)\)/;

/** The header is a Python dictionary with three keys. */
function parseHeader(path: string, text: string) {
  const [, , , type, list] = DESCR.exec(text) ?? [];
  const fortran = ORDER.exec(text)?.[2];
  const sizes = SHAPE.exec(text)?.[2];
  const descr = type ?? list;
  if (descr === undefined || fortran === undefined || sizes === undefined)
    throw damaged(path, "its header is not a NumPy header");
  const shape = sizes.split(",").filter((size) => size.trim() !== "");
  return {
    descr,
    columnMajor: fortran === "True",
    shape: shape.map((size) => Number.parseInt(size, 10)),
  };
}

/** The spellings without a byte order that `numpy.dtype` accepts, on systems whose C `long` has 64 bits. */
const SPELLINGS: readonly [ElementType, coded: string, named: string][] = [
  [ELEMENT.float16, "f2 e", "float16 half"],
  [ELEMENT.float32, "f4 f", "float32 single"],
  [ELEMENT.float64, "f8 d", "float64 double float float_"],
  [ELEMENT.int8, "i1 b", "int8 byte"],
  [ELEMENT.int16, "i2 h", "int16 short"],
  [ELEMENT.int32, "i4 i", "int32 intc"],
  [ELEMENT.int64, "i8 l q n p", "int64 long longlong int int_ intp"],
  [ELEMENT.uint8, "u1 B", "uint8 ubyte"],
  [ELEMENT.uint16, "u2 H", "uint16 ushort"],
  [ELEMENT.uint32, "u4 I", "uint32 uintc"],
  [ELEMENT.uint64, "u8 L Q N P", "uint64 ulong ulonglong uint uintp"],
  [ELEMENT.bool, "b1 ?", "bool bool_ bool8"],
];
const CODED = new Map(SPELLINGS.flatMap(([type, coded]) => coded.split(" ").map((c) => [c, type])));
const NAMED = new Map(SPELLINGS.flatMap(([type, , all]) => all.split(" ").map((n) => [n, type])));

/**
 * `<`, `=` and `|` all mean the order of a little-endian machine; single bytes have no order. NumPy itself never writes
 * void with a byte order; ml_dtypes does so for bfloat16, and has no other type of two bytes.
 */
function elementOf(descr: string): ElementType | undefined {
  if (descr === "<V2") return ELEMENT.bfloat16;
  const [, order, code] = /^([<>=|]?)(.*)$/s.exec(descr)!;
  const coded = CODED.get(code!);
  if (coded) return order === ">" && coded.bytes > 1 ? undefined : coded;
  return order === "" ? NAMED.get(code!) : undefined;
}

const FLOATS = 'Convert it with array.astype("float32").';
const AS_NAMES = `Labels that are names: ${NAMES_TO_NUMBERS}.`;

/** What an unusable array holds, and how to make features or labels of it. */
interface Unusable {
  what: (descr: string) => string;
  features: string;
  labels: string;
}

const elements = (more: string) => (descr: string) => `elements of type ${printable(descr)}${more}`;
const NUMBERS = "Features are numbers.";

const UNUSABLE: readonly [pattern: RegExp, Unusable][] = [
  [
    /^[|<>=]?O|^object/,
    {
      what: () => "pickled Python objects, which are never loaded",
      features: 'Write a plain array of numbers: np.stack(list(array)).astype("float32").',
      labels: `Write a plain array of numbers. ${AS_NAMES}`,
    },
  ],
  [
    /^[[(]/,
    {
      what: () => "records",
      features: "Write one field of them, a plain array: array[array.dtype.names[0]].",
      labels: "Write one field of them, a plain array: labels[labels.dtype.names[0]].",
    },
  ],
  [
    /^[|<>=]?[USaT]|^(str|bytes|unicode)/,
    { what: elements(" (strings)"), features: NUMBERS, labels: AS_NAMES },
  ],
  [/^[|<>=]?[Mm]/, { what: elements(" (times)"), features: NUMBERS, labels: AS_NAMES }],
  [
    /^[|<>=]?(c\d|[FDG]$)|^c(omplex|single|double|longdouble)/,
    {
      what: elements(" (complex numbers)"),
      features:
        'Write real and imaginary parts side by side: np.concatenate([z.real, z.imag], 1).astype("float32").',
      labels: AS_NAMES,
    },
  ],
  [
    /^[|=]?V2$/,
    {
      what: elements(" (two bytes without a meaning)"),
      features:
        'If they were bfloat16: array.view(ml_dtypes.bfloat16).astype("float32"), or before saving array.astype("float32").',
      labels: 'If they were integers: labels.view("int16").',
    },
  ],
  [
    /^[|<>=]?(V|f1$)/,
    {
      what: elements(" (bytes without a meaning)"),
      features: 'Types that NumPy does not know are written with array.astype("float32").',
      labels: 'Types that NumPy does not know are written with labels.astype("int64").',
    },
  ],
  [
    /^>/,
    {
      what: elements(" (big-endian)"),
      features: FLOATS,
      labels: 'Convert it with labels.astype("int64").',
    },
  ],
];

const WANTED: Record<ArrayUse, string> = {
  features: "features are float16, bfloat16, float32 or float64",
  labels: "labels are integers or booleans",
  samples: "samples are numbers",
  index: "a sample index is integers",
};

function unusable(path: string, descr: string, use: ArrayUse): UserError {
  const known = UNUSABLE.find(([pattern]) => pattern.test(descr))?.[1];
  const found = known ?? { what: elements(""), features: FLOATS, labels: AS_NAMES };
  const advice =
    use === "index"
      ? 'Convert it with index.astype("int64").'
      : found[use === "labels" ? "labels" : "features"];
  return new UserError(`${path} holds ${found.what(descr)}; ${WANTED[use]}. ${advice}`);
}
