import { describe, expect, test } from "vitest";
import { UserError } from "../../harness/errors.ts";
import { classesOf, numbered, readLabels } from "../../harness/probe/class-labels.ts";
import { npyOf, safetensorsFile, temporaryFiles } from "./files.ts";

const write = temporaryFiles();

const ids = [2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n, 2n ** 53n - 1n, 7n];

describe("labels beyond 2^53 stay different classes", () => {
  const negative = ids.map((id) => -id);
  const hashes = [...ids, 2n ** 64n - 1n, 2n ** 64n - 2n];
  test.each([
    ["int64", npyOf("<i8", [5], BigInt64Array.from(ids)), ids],
    ["negative int64", npyOf("<i8", [5], BigInt64Array.from(negative)), negative],
    ["uint64", npyOf("<u8", [7], BigUint64Array.from(hashes)), hashes],
    ["I64", safetensorsFile([["y", "I64", [5], BigInt64Array.from(ids)]]), ids],
    ["U64", safetensorsFile([["y", "U64", [7], BigUint64Array.from(hashes)]]), hashes],
  ])("%s", (_, file, expected) => {
    const labels = readLabels(write("ids", file), expected.length);
    expect(labels.map(BigInt)).toEqual(expected);
    const classes = classesOf("ids", labels);
    expect(classes.map(BigInt)).toEqual(expected.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(numbered(labels, classes)).size).toBe(expected.length);
  });

  test("and a test label is one only of its own", () => {
    const classes = classesOf(
      "y",
      readLabels(write("y", npyOf("<i8", [5], BigInt64Array.from(ids))), 5),
    );
    const others = BigUint64Array.of(2n ** 53n + 1n, 2n ** 53n + 3n, 2n ** 53n - 1n, 7n);
    const labels = readLabels(write("others", npyOf("<u8", [4], others)), 4);
    expect([...numbered(labels, classes)]).toEqual([3, -1, 1, 0]);
    const small = readLabels(write("small", npyOf("|u1", [1], Uint8Array.of(7))), 1);
    expect([...numbered(small, classes)]).toEqual([0]);
  });
});

test.each<[string, new (values: number[]) => ArrayBufferView]>([
  ["|i1", Int8Array],
  ["<i2", Int16Array],
  ["<i4", Int32Array],
  ["|u1", Uint8Array],
  ["<u2", Uint16Array],
  ["<u4", Uint32Array],
  ["|b1", Uint8Array],
])("labels of type %s are what they are", (descr, Values) => {
  const path = write("labels", npyOf(descr, [3], new Values([0, 1, 1])));
  expect(readLabels(path, 3)).toEqual([0, 1, 1]);
});

/** What is said of labels in this file. */
function refusal(file: Uint8Array, samples = 4): string {
  try {
    readLabels(write("refused.npy", file), samples);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("they were accepted");
}

describe("floats are no labels, and what is said fits them:", () => {
  const f8 = (...values: number[]) => npyOf("<f8", [4], Float64Array.from(values));
  const f4 = (...values: number[]) => npyOf("<f4", [4], Float32Array.from(values));
  const halves = (descr: string, ...bits: number[]) => npyOf(descr, [4], Uint16Array.from(bits));
  test.each([
    ["whole ones", f8(0, 1, -2, 2 ** 53 - 1), /holds float64; write labels.astype\("int64"\)/],
    ["a fraction", f4(0, 1, 2.5, 1), /float32, and row 2 is 2.5; .*np.unique/],
    ["NaN", f4(0, NaN, 2.5, 1), /row 1 is NaN; .*without a label/],
    ["an infinity", f8(0, 1, 2, -Infinity), /row 3 is -Infinity/],
    ["2^53 as float64", f8(0, 2 ** 53, 1, 2), /row 1 is 9007199254740992; .*may have become one/],
    ["2^24 as float32", f4(0, 1, -(2 ** 24), 2), /row 2 is -16777216; .*may have become one/],
    ["2^11 as float16", halves("<f2", 0, 0x6800, 0, 0), /row 1 is 2048; .*may have become one/],
    ["2^8 as bfloat16", halves("<V2", 0, 0x4380, 0, 0), /bfloat16, and row 1 is 256; .*become one/],
  ])("%s", (_, file, message) => {
    expect(refusal(file)).toMatch(message);
    if (!/whole/.test(_)) expect(refusal(file)).not.toMatch(/astype/);
  });
});

describe("labels of another shape get the advice that makes labels of them:", () => {
  const file = (shape: number[], values: number[], fortran = false) =>
    npyOf("<i4", shape, Int32Array.from(values), fortran);
  const oneHot = [0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1];
  const reshape = /labels\.reshape\(-1\)/;
  const argmax = /one-hot rows: labels\.argmax\(1\)/;
  const scores = npyOf("<f4", [4, 2], Float32Array.of(0.1, 0.9, 0.8, 0.2, 0, 1, 1, 0));
  const truth = npyOf("|b1", [4, 3], Uint8Array.from(oneHot));
  test.each([
    ["a column", file([4, 1], [0, 1, 2, 3]), reshape],
    ["a row", file([1, 4], [0, 1, 2, 3]), reshape],
    ["a column of floats", npyOf("<f4", [4, 1], new Float32Array(4)), reshape],
    ["ones at the end", file([4, 1, 1], [0, 1, 2, 3]), reshape],
    ["a number", file([], [3]), /single number/],
    ["one-hot rows", file([4, 3], oneHot), argmax],
    ["one-hot rows of bool", truth, argmax],
    ["one-hot rows in Fortran order", file([4, 2], [1, 0, 0, 1, 0, 1, 1, 0], true), argmax],
    [
      "one-hot columns",
      file([2, 4], [1, 0, 0, 1, 0, 1, 1, 0]),
      /one-hot columns: labels\.argmax\(0\)/,
    ],
    ["scores", scores, /scores or probabilities.*argmax\(1\)/],
    ["columns of classes", file([4, 2], [0, 5, 1, 5, 2, 5, 3, 5]), /labels\[:, 0\]/],
    ["a map of labels", file([4, 2, 2], Array<number>(16).fill(1)), /pixels or tokens/],
    ["nothing", file([0, 3], []), /is empty/],
    ["nothing, in a list", file([0], []), /0 labels for 4 samples/],
  ])("%s", (name, labels, message) => {
    expect(refusal(labels)).toMatch(message);
    if (!/one-hot|scores|classes/.test(name)) expect(refusal(labels)).not.toMatch(/argmax/);
  });
});

test("a tensor without elements beside the labels does not matter, and another type is named with its remedy", () => {
  const two = safetensorsFile([
    ["none", "F32", [0], new Float32Array(0)],
    ["y", "I64", [2], BigInt64Array.of(1n, 2n)],
  ]);
  expect(readLabels(write("two", two), 2)).toEqual([1, 2]);
  const odd = safetensorsFile([["y", "F8_E4M3", [4], new Uint8Array(4)]]);
  expect(refusal(odd)).toMatch(/y has elements of type F8_E4M3; save it as I64/);
});
