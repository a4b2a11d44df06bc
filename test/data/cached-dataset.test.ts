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
  canonicalDigest,
  getFrom,
  loadFrom,
  verifyCached,
  visibleDamage,
} from "../../harness/data/cached-dataset.ts";
import { EXIT } from "../../harness/errors.ts";
import { serve, temporaryFolder } from "./fixtures.ts";
import { TEST_LABELS, TINY, TRAIN_LABELS, tarGz, tinyArchive, tinyFiles } from "./tiny-dataset.ts";

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
