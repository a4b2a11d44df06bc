import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it, describe } from "vitest";
import { canonicalDigest, fetchDataset } from "../../harness/data/cached-dataset.ts";
import type { DatasetDescription } from "../../harness/data/opened-datasets.ts";
import { readIdx } from "../../harness/data/idx.ts";
import { idxAddress } from "../../harness/data/sources/sources.ts";
import { type Answer, serve, temporaryFolder } from "./fixtures.ts";
import { idx, TINY } from "./tiny-dataset.ts";

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

const COUNTS = { train: 4, test: 2 };
const SIDE = 28;

function values(split: "train" | "test") {
  const count = COUNTS[split];
  const seed = split === "train" ? 1 : 2;
  return {
    images: Uint8Array.from({ length: count * SIDE * SIDE }, (_, i) => (i * 31 + seed) % 256),
    labels: Uint8Array.from({ length: count }, (_, i) => (i + seed) % 10),
  };
}

function digest(split: "train" | "test"): string {
  const { images, labels } = values(split);
  return canonicalDigest(Uint8Array.from([...images, ...labels]));
}

const SMALL: DatasetDescription = {
  ...TINY,
  height: SIDE,
  width: SIDE,
  channels: 1,
  counts: COUNTS,
  digests: { train: digest("train"), test: digest("test") },
};

/** The four files at the paths of the official address. */
function files(): Record<string, Uint8Array> {
  const named = { train: "train", test: "t10k" } as const;
  const entries = (["train", "test"] as const).flatMap((split) => {
    const { images, labels } = values(split);
    const shape = [COUNTS[split], SIDE, SIDE];
    return [
      [`/data/${named[split]}-images-idx3-ubyte.gz`, gzipSync(idx(shape, images))],
      [`/data/${named[split]}-labels-idx1-ubyte.gz`, gzipSync(idx([COUNTS[split]], labels))],
    ] as const;
  });
  return Object.fromEntries(entries);
}

async function fetchFrom(answers: Record<string, Answer>) {
  const cache = await temporaryFolder();
  const { url, asked } = await serve(answers);
  const options = { cache, onProgress: () => {} };
  const fetching = fetchDataset(SMALL, [idxAddress(`${url}/data`)], options);
  return { cache, asked, fetching };
}

it("reads the four files of the official address", async () => {
  const { asked, fetching } = await fetchFrom(files());
  const { dataset } = await fetching;
  expect(asked.length).toBe(4);
  expect([...dataset.test.labels]).toEqual([2, 3]);
  expect(dataset.train.images.length).toBe(4 * SIDE * SIDE);
});

const TRAIN = "/data/train-images-idx3-ubyte.gz";
const TEST = "/data/t10k-images-idx3-ubyte.gz";
const LABELS = "/data/train-labels-idx1-ubyte.gz";
const good = files();
const brighter = values("train").images.map((value) => value ^ 1);

describe.each<[what: string, changed: Record<string, Answer>, reason: RegExp]>([
  ["one is missing", { [LABELS]: 404 }, /train-labels-idx1-ubyte.gz: HTTP status 404/],
  ["one is truncated", { [TRAIN]: good[TRAIN]!.subarray(0, -9) }, /must be a complete gzip file/],
  [
    "train and test are swapped",
    { [TRAIN]: good[TEST]!, [TEST]: good[TRAIN]! },
    /train-images.*: must hold 4 x 28 x 28 values; found 2 x 28 x 28/,
  ],
  ["labels lie where images should", { [TRAIN]: good[LABELS]! }, /must hold 4 x 28 x 28 .* 4$/m],
  [
    "one is altered",
    { [TRAIN]: gzipSync(idx([4, SIDE, SIDE], brighter)) },
    /tiny train: .* SHA-256/,
  ],
])("when %s", (_what, changed, reason) => {
  it("the address is refused and nothing is cached", async () => {
    const { cache, fetching } = await fetchFrom({ ...good, ...changed });
    await expect(fetching).rejects.toThrow(reason);
    expect(await readdir(join(cache, "datasets"))).toEqual([]);
  });
});
