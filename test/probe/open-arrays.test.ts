import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXIT, UserError } from "../../harness/errors.ts";
import { openArrays } from "../../harness/probe/open-arrays.ts";
import {
  ByteReader,
  elementCount,
  readRows,
  type StoredArray,
} from "../../harness/arrays/stored-array.ts";
import { altered, fixture, npyFile, npyOf, safetensorsFile, temporaryFiles } from "./files.ts";

const write = temporaryFiles();

function numbers(array: StoredArray): (number | bigint)[] {
  const count = elementCount(array.shape);
  const bytes = new ArrayBuffer(count * array.element.bytes);
  const reader = new ByteReader(array.path);
  readRows(reader, array, [0, array.shape[0] ?? 1], bytes);
  reader.close();
  return Array.from(array.element.decode(bytes, count));
}

const read = (name: string) => openArrays(fixture(name)).map(numbers);

/** The error a file causes. */
function refusal(path: string, use: "features" | "labels" = "features"): UserError {
  try {
    openArrays(path, use);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("what Python wrote is read to the last bit:", () => {
  const float = (x: number) => [1.5, -2, 0.25, 65504, x, -0];
  test.each([
    ["f2.npy", 2 ** -24],
    ["f4.npy", Math.fround(6e-8)],
    ["f8.npy", 6e-8],
    ["version2.npy", Math.fround(6e-8)],
    ["version3.npy", Math.fround(6e-8)],
  ])("%s", (name, small) => expect(read(name)).toEqual([float(small)]));

  test.each(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])("%s.npy", (name) =>
    expect(read(`${name}.npy`)).toEqual([[0, 100, 1, 7]]),
  );

  const rows = Array.from({ length: 12 }, (_, i) => i / 8);
  test.each([
    ["fortran.npy", float(Math.fround(6e-8))],
    ["fortran-f8.npy", rows],
    ["bfloat16.npy", [1.5, -2, 0.25, 65536, 0x81 * 2 ** -31, -0]],
    ["ids.npy", [2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 7]],
    ["hashes.npy", [2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n, 7]],
  ])("%s", (name, values) => expect(read(name)).toEqual([values]));

  test("bool.npy", () => expect(read("bool.npy")).toEqual([[1, 0]]));

  test("several tensors of a safetensors file, layer 2 before layer 10", () => {
    const arrays = openArrays(fixture("layers.safetensors"));
    expect(arrays.map(({ name, element }) => [name, element.name])).toEqual([
      ["layer1", "float16"],
      ["layer2", "float32"],
      ["layer10", "bfloat16"],
    ]);
    expect(arrays.map(numbers)).toEqual([
      float(2 ** -24),
      float(Math.fround(6e-8)).map((x) => 2 * x),
      [1.5, -2, 0.25, 65536, 0x81 * 2 ** -31, -0],
    ]);
  });
});

test("infinities and NaN of half precision stay what they are", () => {
  const file = Buffer.from(readFileSync(fixture("f2.npy")));
  file.writeUInt16LE(0x7c00, 128);
  file.writeUInt16LE(0xfc00, 130);
  file.writeUInt16LE(0x7e01, 132);
  expect(numbers(openArrays(write("special.npy", file))[0]!).slice(0, 3)).toEqual([
    Infinity,
    -Infinity,
    NaN,
  ]);
});

describe("files of another kind are named for what they are:", () => {
  test.each([
    ["archive.npz", /zip archive, as np.savez and torch.save/],
    ["tensor.pt", /zip archive/],
    ["pickled.npy", /pickled Python objects, which are never loaded/],
    ["void.npy", /type \|V2 .*bfloat16/],
    ["float8.npy", /type <V1 .*astype\("float32"\)/],
    ["texts.npy", /type <U3 \(strings\)/],
    ["times.npy", /type <M8\[D\] \(times\)/],
    ["big-endian.npy", /type >f4.*astype/],
    ["complex.npy", /type <c8/],
    ["records.npy", /holds records/],
    ["make.py", /neither .npy nor safetensors/],
  ])("%s", (name, message) => {
    const { message: text, exitCode } = refusal(fixture(name));
    expect(text).toMatch(message);
    expect(exitCode).toBe(EXIT.usage);
  });

  test("a pickle, an empty file, a folder, nothing at all", () => {
    expect(refusal(write("old.pt", "\x80\x02]q\x00.")).message).toMatch(/neither|pickle/);
    expect(refusal(write("pickle", Buffer.from("8002", "hex"))).message).toMatch(/Python pickle/);
    expect(refusal(write("empty.npy", "")).message).toMatch(/is empty/);
    expect(refusal(fixture("")).message).toMatch(/it is a folder, not a file/);
    expect(refusal(fixture("missing.npy")).message).toMatch(/There is no file .*missing\.npy/);
  });
});

test.each(["texts.npy", "times.npy", "pickled.npy", "complex.npy"])(
  "%s, wanted as labels, can be numbered",
  (name) => {
    const { message } = refusal(fixture(name), "labels");
    expect(message).toMatch(/np\.unique\(labels, return_inverse=True\)\[1\]/);
    expect(message).not.toMatch(/astype/);
  },
);

describe("every spelling that NumPy takes is read:", () => {
  const types: [type: string, Values: new (values: number[]) => ArrayBufferView][] = [
    ["float32 single f <f =f |f f4 <f4 =f4 |f4", Float32Array],
    ["float64 double float d <d f8 <f8 =f8 |f8", Float64Array],
    ["int8 byte b <b >b i1 <i1 >i1 =i1 |i1", Int8Array],
    ["int16 short h <h i2 <i2 =i2 |i2", Int16Array],
    ["int32 intc i <i i4 <i4 =i4 |i4", Int32Array],
    ["uint8 ubyte B >B u1 <u1 >u1 =u1 |u1", Uint8Array],
    ["uint16 ushort H <H u2 <u2 =u2 |u2", Uint16Array],
    ["uint32 uintc I <I u4 <u4 =u4 |u4", Uint32Array],
    ["bool bool_ ? <? >? b1 <b1 >b1 =b1 |b1", Uint8Array],
  ];
  test.each(types)("%s", (spellings, Values) => {
    for (const descr of spellings.split(" "))
      expect(
        openArrays(write("spelled.npy", npyOf(descr, [3], new Values([0, 1, 1])))).map(numbers),
        descr,
      ).toEqual([[0, 1, 1]]);
  });

  test("int64 long longlong int int_ intp l q i8 =i8, and their unsigned kin", () => {
    const signed = BigInt64Array.of(-(2n ** 63n), 2n ** 53n - 1n);
    for (const descr of "int64 long longlong int int_ intp l <q i8 <i8 =i8 |i8".split(" "))
      expect(openArrays(write("s.npy", npyOf(descr, [2], signed))).map(numbers), descr).toEqual([
        [-(2n ** 63n), 2 ** 53 - 1],
      ]);
    const unsigned = BigUint64Array.of(2n ** 64n - 1n, 3n);
    for (const descr of "uint64 ulong ulonglong uint uintp L =Q u8 <u8 =u8 |u8".split(" "))
      expect(openArrays(write("u.npy", npyOf(descr, [2], unsigned))).map(numbers), descr).toEqual([
        [2n ** 64n - 1n, 3],
      ]);
  });

  test.each([
    `{"descr":"<f4","fortran_order":False,"shape":(2,1)}`,
    `{ 'shape' : ( 2 , 1 , ) , 'fortran_order' : True , 'descr' : u'<f4' }`,
    `{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 1L), }`,
  ])("%s", (header) => {
    const [array] = openArrays(write("header.npy", npyFile(header, Float32Array.of(1.5, -2))));
    expect([array!.shape, numbers(array!)]).toEqual([
      [2, 1],
      [1.5, -2],
    ]);
  });

  test.each([">f4", ">f8", ">i8", ">u2", ">?4", "<float32", "f3", "<f16", "g", "", "f4,f4"])(
    "but not %j, whose name is said",
    (descr) => {
      const { message } = refusal(write("other.npy", npyOf(descr, [1], Float64Array.of(1))));
      expect(message).toContain(`holds elements of type ${descr}`);
    },
  );
});

test("rows of a matrix in Fortran order are those of the matrix, for every size of element", () => {
  const [rows, width] = [150, 70];
  for (const [descr, Values] of [
    ["<f8", Float64Array],
    ["<f4", Float32Array],
    ["<i2", Int16Array],
    ["|u1", Uint8Array],
  ] as const) {
    const value = (row: number, column: number) => (row * 7 + column * 3) % 127;
    const columns = Values.from(
      Array.from({ length: rows * width }, (_, i) => value(i % rows, Math.floor(i / rows))),
    );
    const [array] = openArrays(write("f.npy", npyOf(descr, [rows, width], columns, true)));
    const bytes = new ArrayBuffer(100 * width * array!.element.bytes);
    const reader = new ByteReader(array!.path);
    readRows(reader, array!, [31, 100], bytes);
    reader.close();
    expect(Array.from(array!.element.decode(bytes, 100 * width))).toEqual(
      Array.from({ length: 100 * width }, (_, i) => value(31 + Math.floor(i / width), i % width)),
    );
  }
});

test("tensors without elements are part of a safetensors file wherever they stand", () => {
  const [some, none] = [Float32Array.of(1, 2), new Float32Array(0)];
  for (const order of ["abc", "bac", "cab"]) {
    const path = write(
      "empty.safetensors",
      safetensorsFile(
        Array.from(order, (name) =>
          name === "a" ? ["a", "F32", [2, 1], some] : [name, "F64", [0, 7], none],
        ),
      ),
    );
    expect(openArrays(path).map(({ name, shape }) => [name, shape])).toEqual([
      ["a", [2, 1]],
      ["b", [0, 7]],
      ["c", [0, 7]],
    ]);
    expect(openArrays(path).map(numbers)).toEqual([[1, 2], [], []]);
  }
});

describe("damage is found:", () => {
  test.each([
    ["f4.npy", "(2, 3)", "(2, 4)", /by its header it has 160 bytes, but there are 152/],
    ["f4.npy", "(2, 3)", "(2, 2)", /by its header it has 144 bytes, but there are 152/],
    ["f4.npy", "'shape'", "'shope'", /not a NumPy header/],
    ["f4.npy", "(2, 3)", "(2,-3)", /not a NumPy header/],
    ["f4.npy", "\x93NUMPY\x01\x00\x76", "\x93NUMPY\x01\x00\xf6", /ends \d+ bytes too early/],
    ["version2.npy", "\x02\x00\x74\x00\x00\x00", "\x02\x00\x74\x00\x00\xf0", /header would have/],
    ["layers.safetensors", "[24,36]", "[24,35]", /layer10 should have 12 bytes, has 11/],
    ["layers.safetensors", "[36,48]", "[24,36]", /does not begin where the one before it ends/],
    ["layers.safetensors", '"dtype"', '"dtipe"', /entry \w+ is damaged/],
    ["layers.safetensors", '{"__meta', "{,__meta", /not a JSON object/],
    ["layers.safetensors", "[2,3]", "[9,3]", /should have \d+ bytes, has/],
  ])("%s with %j as %j", (name, from, to, message) => {
    const error = refusal(write("damaged", altered(name, from, to)));
    expect(error.message).toMatch(message);
    expect(error.exitCode).toBe(EXIT.verification);
  });

  test.each(["f8.npy", "version3.npy", "layers.safetensors"])("%s cut anywhere", (name) => {
    const whole = readFileSync(fixture(name));
    for (let length = 0; length < whole.length; length++)
      expect(refusal(write("cut", whole.subarray(0, length)))).toBeInstanceOf(UserError);
  });

  test.each(["f2.npy", "layers.safetensors"])("any byte of the header of %s", (name) => {
    const whole = readFileSync(fixture(name));
    for (let i = 0; i < whole.length - 12; i++)
      for (const byte of [0, 0x30, 0x39, 0x7d, 0xff]) {
        const file = Buffer.from(whole);
        file[i] = byte;
        const path = write("flipped", file);
        try {
          for (const array of openArrays(path)) numbers(array);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }
  });

  test("a file with another behind it", () => {
    const twice = Buffer.concat([readFileSync(fixture("f4.npy")), readFileSync(fixture("f4.npy"))]);
    expect(refusal(write("twice.npy", twice)).message).toMatch(
      /by its header it has 152 bytes, but there are 304/,
    );
  });
});
