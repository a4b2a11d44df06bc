import { describe, expect, it } from "vitest";
import { readCifarBinary } from "../../harness/data/cifar-binary.ts";
import { EXIT } from "../../harness/errors.ts";
import { cifarRecords, pixel } from "./tiny-dataset.ts";

describe.each([1, 2] as const)("a CIFAR file with %i label byte(s)", (labelBytes) => {
  const format = { labelBytes, count: 3, classes: 10, place: "data_batch_1.bin" };
  const bytes = cifarRecords([4, 0, 9], labelBytes);

  it("gives labels and interleaved pixels", () => {
    const { images, labels } = readCifarBinary(bytes, format);
    expect([...labels]).toEqual([4, 0, 9]);
    expect(images.length).toBe(3 * 3072);
    for (const [image, row, column, channel] of [
      [0, 0, 0, 0],
      [0, 0, 1, 2],
      [1, 31, 30, 1],
      [2, 31, 31, 2],
    ] as const)
      expect(images[((image * 32 + row) * 32 + column) * 3 + channel]).toBe(
        pixel(image, row, column, channel),
      );
  });

  it("is refused when truncated, with the file's name, the rule and the finding", () => {
    const record = 3072 + labelBytes;
    expect(() => readCifarBinary(bytes.subarray(0, -1), format)).toThrow(
      `data_batch_1.bin: must be 3 records of ${record} bytes, ${3 * record} bytes in all; found ${3 * record - 1} bytes`,
    );
  });

  it("is refused when it holds more than it should", () => {
    expect(() => readCifarBinary(bytes, { ...format, count: 2 })).toThrow("2 records");
  });

  it("is refused when a label is no class", () => {
    expect(() => readCifarBinary(bytes, { ...format, classes: 9 })).toThrow(
      expect.objectContaining({
        message: "data_batch_1.bin: labels must be below 9; found 9 at index 2",
        exitCode: EXIT.verification,
      }),
    );
  });
});

it("keeps the fine label of CIFAR-100, not the coarse one before it", () => {
  const bytes = cifarRecords([77], 2);
  expect(bytes[0]).not.toBe(77);
  const read = readCifarBinary(bytes, {
    labelBytes: 2,
    count: 1,
    classes: 100,
    place: "train.bin",
  });
  expect([...read.labels]).toEqual([77]);
});
