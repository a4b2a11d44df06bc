import { describe, expect, test } from "vitest";
import {
  parseSafetensors,
  safetensorsParts,
  type Stored,
} from "../../harness/engine/safetensors.ts";

/** Written by Python's safetensors 0.8.0: a [2,2] F32, b [2] I32, c [3] U8, d [1] F64. */
const PYTHON = Buffer.from(
  "CAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJtYWtlciI6InNhZmV0ZW5zb3JzIDAuOC4wIn0sImQiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzFdLCJk" +
    "YXRhX29mZnNldHMiOlswLDhdfSwiYSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbOCwyNF19LCJiIjp7ImR0eXBl" +
    "IjoiSTMyIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMjQsMzJdfSwiYyI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRz" +
    "IjpbMzIsMzVdfX1VVVVVVVXVPwAAwD8AAADAAACAPgAAQEAHAAAA+P///wEC/w==",
  "base64",
);

const CONTENT: Stored = {
  metadata: { maker: "safetensors 0.8.0" },
  tensors: [
    { name: "d", shape: [1], values: Float64Array.of(1 / 3) },
    { name: "a", shape: [2, 2], values: Float32Array.of(1.5, -2, 0.25, 3) },
    { name: "b", shape: [2], values: Int32Array.of(7, -8) },
    { name: "c", shape: [3], values: Uint8Array.of(1, 2, 255) },
  ],
};

const write = (stored: Stored) => Buffer.concat(safetensorsParts(stored));

test("a file of Python's is read as it was written", () => {
  expect(parseSafetensors(PYTHON)).toEqual(CONTENT);
});

test("the same content is written to the same bytes as Python writes", () => {
  expect(write(CONTENT).equals(PYTHON)).toBe(true);
});

test("tensors begin at multiples of eight bytes whatever their names and order", () => {
  const tensors = ["x", "quite-a-long/name", "ä"].map((name, i) => ({
    name,
    shape: [3 - i],
    values: i === 0 ? Uint8Array.of(1, 2, 3) : new Float32Array(3 - i),
  }));
  const file = write({ tensors, metadata: { note: "größe" } });
  expect((8 + Number(file.readBigUInt64LE(0))) % 8).toBe(0);
  const { tensors: read } = parseSafetensors(file);
  expect(new Map(read.map((t) => [t.name, t]))).toEqual(new Map(tensors.map((t) => [t.name, t])));
});

test("no tensors at all are a file too", () => {
  const empty: Stored = { tensors: [], metadata: {} };
  expect(parseSafetensors(write(empty))).toEqual(empty);
});

describe("a damaged file is refused", () => {
  test("at whatever byte it was cut off", () => {
    for (let length = 0; length < PYTHON.length; length++)
      expect(() => parseSafetensors(PYTHON.subarray(0, length)), `${length} bytes`).toThrow();
  });

  const header = (change: (text: string) => string) => {
    const end = 8 + Number(PYTHON.readBigUInt64LE(0));
    const text = Buffer.from(change(PYTHON.toString("utf8", 8, end)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, PYTHON.subarray(end)]);
  };

  test.each<[string, Buffer, RegExp]>([
    ["longer than its tensors", Buffer.concat([PYTHON, Buffer.alloc(3)]), /3 bytes too many/],
    ["shorter by a byte", PYTHON.subarray(0, -1), /last 1 bytes are missing/],
    ["not safetensors", Buffer.from("\x89PNG\r\n\x1a\n and more than that"), /header's length/],
    ["with an unknown type", header((t) => t.replace("U8", "F8")), /c holds F8; F64, F32, I32, U8/],
    [
      "with an impossible shape",
      header((t) => t.replace('"shape":[3]', '"shape":[4]')),
      /c should have 4 bytes, has 3/,
    ],
    [
      "with a negative size",
      header((t) => t.replace('"shape":[3]', '"shape":[-3]')),
      /entry c is damaged/,
    ],
    ["with overlapping tensors", header((t) => t.replace("[24,32]", "[16,24]")), /does not begin/],
    [
      "with metadata that is no text",
      header((t) => t.replace('"safetensors 0.8.0"', "[8]")),
      /metadata maker/,
    ],
    ["with a header that is no JSON", header((t) => t.replace("{", "[")), /JSON/],
    ["with a header that is no object", header(() => "null"), /header/],
  ])("when it is %s", (_, file, message) => {
    expect(() => parseSafetensors(file)).toThrow(message);
  });
});
