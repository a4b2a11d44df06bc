import { expect, it } from "vitest";
import { readIdx } from "../../harness/data/idx.ts";
import { idx } from "./tiny-dataset.ts";

it("reads images: dimensions big-endian, values after them", () => {
  const { shape, values } = readIdx(
    idx(
      [2, 2, 300],
      Uint8Array.from({ length: 1200 }, (_, i) => i),
    ),
    "x",
  );
  expect(shape).toEqual([2, 2, 300]);
  expect(values.length).toBe(1200);
  expect(values[299]).toBe(299 % 256);
});

it("reads labels from the middle of a larger buffer", () => {
  const file = idx([3], Uint8Array.of(7, 8, 9));
  const larger = new Uint8Array(file.length + 5);
  larger.set(file, 5);
  expect([...readIdx(larger.subarray(5), "x").values]).toEqual([7, 8, 9]);
});

it("refuses a truncated file, with the header's count and the found one", () => {
  expect(() => readIdx(idx([2, 2], Uint8Array.of(1, 2, 3)), "labels.gz")).toThrow(
    "labels.gz: its header says 2 x 2 = 4 values; found 3",
  );
});

it("refuses a file of another format, showing how it begins", () => {
  expect(() => readIdx(Buffer.from("<html>"), "page")).toThrow(/page: must begin .*found 3c68746d/);
});

it("refuses an empty file and one that ends within its header", () => {
  expect(() => readIdx(new Uint8Array(), "a")).toThrow("found an empty file");
  expect(() => readIdx(Uint8Array.of(0, 0, 8, 3, 0, 0), "b")).toThrow("found 00000803");
});
