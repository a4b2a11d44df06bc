import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXIT, UserError } from "../../harness/errors.ts";
import { openArrays } from "../../harness/probe/open-arrays.ts";
import { ByteReader, type StoredArray } from "../../harness/probe/stored-array.ts";
import { altered, fixture, temporaryFiles } from "./files.ts";

const write = temporaryFiles();

function numbers(array: StoredArray): number[] {
  const count = array.shape.reduce((product, d) => product * d, 1);
  const bytes = new ArrayBuffer(count * array.element.bytes);
  const reader = new ByteReader(array.path);
  reader.read(array.offset, bytes.byteLength, new Uint8Array(bytes));
  reader.close();
  return Array.from(array.element.decode(bytes, count));
}

const read = (name: string) => openArrays(fixture(name)).map(numbers);

/** The error a file causes. */
function refusal(path: string): UserError {
  try {
    openArrays(path);
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
    ["fortran.npy", /Fortran order.*np\.ascontiguousarray/],
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

describe("damage is found:", () => {
  test.each([
    ["f4.npy", "(2, 3)", "(2, 4)", /announces 160 bytes, the file has 152/],
    ["f4.npy", "(2, 3)", "(2, 2)", /announces 144 bytes, the file has 152/],
    ["f4.npy", "'shape'", "'shope'", /no NumPy header/],
    ["f4.npy", "(2, 3)", "(2,-3)", /no NumPy header/],
    ["f4.npy", "\x93NUMPY\x01\x00\x76", "\x93NUMPY\x01\x00\xf6", /ends \d+ bytes too early/],
    ["version2.npy", "\x02\x00\x74\x00\x00\x00", "\x02\x00\x74\x00\x00\xf0", /header would have/],
    ["layers.safetensors", "[24,36]", "[24,35]", /layer10 should have 12 bytes, has 11/],
    ["layers.safetensors", "[36,48]", "[24,36]", /does not start where the one before it ends/],
    ["layers.safetensors", '"dtype"', '"dtipe"', /entry for \w+ is incomplete/],
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
      /announces 152 bytes, the file has 304/,
    );
  });
});
