import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it, onTestFinished, describe } from "vitest";
import { canonicalDigest, fetchDataset } from "../../harness/data/cached-dataset.ts";
import type { Progress } from "../../harness/data/opened-datasets.ts";
import { download } from "../../harness/data/sources/download.ts";
import type { Source } from "../../harness/data/sources/source.ts";
import { EXIT } from "../../harness/errors.ts";
import { serve, temporaryFolder, type Answer } from "./fixtures.ts";
import {
  TEST_LABELS,
  TINY,
  TRAIN_LABELS,
  canonicalCifar,
  tarGz,
  tinyArchive,
  tinyFiles,
} from "./tiny-dataset.ts";

const BODY = new Uint8Array(300_000).map((_, i) => i % 251);
const PATIENCE = { answerSeconds: 0.3, stallSeconds: 0.3 };

async function get(url: string, signal = new AbortController().signal) {
  const path = join(await temporaryFolder(), "file");
  const progress: Progress[] = [];
  const onProgress = (step: Progress) => void progress.push(step);
  await download({ url, path, label: "tiny", signal, onProgress }, PATIENCE);
  return { bytes: await readFile(path), progress };
}

it("saves the body and counts its bytes up to the total", async () => {
  const { url } = await serve({ "/file": BODY });
  const { bytes, progress } = await get(`${url}/file`);
  expect(bytes.equals(BODY)).toBe(true);
  const done = progress.map((step) => step.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(progress.at(-1)).toEqual({
    label: "tiny",
    done: BODY.length,
    total: BODY.length,
    unit: "bytes",
  });
});

it("says the status of an answer that is an error", async () => {
  const { url } = await serve({ "/file": 503 });
  await expect(get(`${url}/file`)).rejects.toMatchObject({
    name: "UserError",
    message: "file: HTTP status 503",
    exitCode: EXIT.network,
  });
});

it("says at once that a connection is refused", async () => {
  const url = await silentServer(false);
  await new Promise((resolve) => silent.close(resolve));
  await expect(get(url)).rejects.toThrow(/^file: .*ECONNREFUSED/);
});

it("fails when the body ends before its length", async () => {
  const { url } = await serve({ "/file": { of: BODY, cutAfter: 1000 } });
  await expect(get(`${url}/file`)).rejects.toMatchObject({ exitCode: EXIT.network });
});

it("gives up on a server that accepts and says nothing", async () => {
  const url = await silentServer(false);
  await expect(get(url)).rejects.toThrow("file: no answer for 0.3 s");
});

it("gives up on a body that stalls", async () => {
  const url = await silentServer(true);
  await expect(get(url)).rejects.toThrow("file: no answer for 0.3 s");
});

it("is patient with a body that is slow but keeps coming", async () => {
  const pieces = [1, 2, 3, 4, 5, 6].map((n) => BODY.subarray(0, n * 10));
  const server = createServer((_request, response) => {
    void (async () => {
      for (const piece of pieces) {
        response.write(piece);
        await setTimeout(100);
      }
      response.end();
    })();
  });
  const { bytes, progress } = await get(await listen(server));
  expect(bytes.length).toBe(210);
  expect(progress.at(-1)).toMatchObject({ done: 210, total: null });
});

it("ends when it is interrupted", async () => {
  const url = await silentServer(true);
  await expect(get(url, AbortSignal.timeout(50))).rejects.toThrow(/abort/);
});

let silent: Server;

/** Never ends its answer; with `begin` it sends headers and ten bytes. */
function silentServer(begin: boolean): Promise<string> {
  silent = createServer((_request, response) => {
    if (begin) response.writeHead(200, { "content-length": 1000 }).write("0123456789");
  });
  return listen(silent);
}

/** @returns an address of the server, which ends with the test. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
}

const quiet = () => {};

/** Fetches the tiny data set from a first address and, where that fails, from a second one. */
async function fetchTiny(first: Answer, second: Answer = 404) {
  const cache = await temporaryFolder();
  const { url, asked } = await serve({ "/first.tar.gz": first, "/second.tar.gz": second });
  const sources = ["first", "second"].map((name) => tinyArchive(`${url}/${name}.tar.gz`));
  const fetching = fetchDataset(TINY, sources, { cache, onProgress: quiet });
  return { cache, asked, fetching };
}

/** What is in the cache: nothing, or whole data sets. */
async function cached(cache: string): Promise<string[]> {
  return readdir(join(cache, "datasets"));
}

const good = await tarGz(tinyFiles());

it("takes the first address, and does not ask the second", async () => {
  const { cache, asked, fetching } = await fetchTiny(good);
  const { dataset, source, failures } = await fetching;
  expect(asked).toEqual(["/first.tar.gz"]);
  expect(failures).toEqual([]);
  expect(source).toMatch(/^official archive http.*first\.tar\.gz$/);
  expect([...dataset.train.labels]).toEqual(TRAIN_LABELS);
  expect([...dataset.test.labels]).toEqual(TEST_LABELS);
  expect(await cached(cache)).toEqual(["tiny"]);
});

it("caches each split as one file whose SHA-256 is the canonical digest", async () => {
  const { cache, fetching } = await fetchTiny(good);
  await fetching;
  const folder = join(cache, "datasets", "tiny");
  expect((await readdir(folder)).sort()).toEqual(["digest.json", "test.bin", "train.bin"]);
  const train = await readFile(join(folder, "train.bin"));
  expect(train.equals(canonicalCifar(TRAIN_LABELS))).toBe(true);
  expect(canonicalDigest(train)).toBe(TINY.digests?.train);
});

const flipped = tinyFiles();
(flipped["tiny/data_batch_2.bin"] as Uint8Array)[2000]! ^= 1;
const { "tiny/test_batch.bin": _omitted, ...withoutTest } = tinyFiles();
const named = tinyFiles();
const swapped = {
  ...named,
  "tiny/data_batch_1.bin": named["tiny/data_batch_2.bin"]!,
  "tiny/data_batch_2.bin": named["tiny/data_batch_1.bin"]!,
};
const shortened = {
  ...named,
  "tiny/test_batch.bin": named["tiny/test_batch.bin"]!.subarray(0, -1000),
};

const BROKEN: [what: string, answer: Answer, reason: RegExp, exitCode: number][] = [
  ["not there", 404, /HTTP status 404/, EXIT.network],
  ["cut off on the way", { of: good, cutAfter: 500 }, /first.tar.gz: /, EXIT.network],
  ["truncated at its source", good.subarray(0, -400), /complete .tar.gz/, EXIT.verification],
  ["a page of a captive portal", Buffer.from("<html>"), /complete .tar.gz/, EXIT.verification],
  ["altered in one bit", await tarGz(flipped), /tiny train: .* SHA-256/, EXIT.verification],
  ["two files swapped", await tarGz(swapped), /tiny train: .* SHA-256/, EXIT.verification],
  ["without a file", await tarGz(withoutTest), /must hold tiny\/test_batch/, EXIT.verification],
  ["with a short file", await tarGz(shortened), /3 records of 3073 bytes/, EXIT.verification],
];

describe.each(BROKEN)("an archive that is %s", (_what, answer, reason, exitCode) => {
  it("is passed over for the next source, and the reason is kept", async () => {
    const { fetching, cache } = await fetchTiny(answer, good);
    const { source, failures } = await fetching;
    expect(source).toContain("second.tar.gz");
    expect(failures.map(({ message }) => message)).toEqual([expect.stringMatching(reason)]);
    expect(await cached(cache)).toEqual(["tiny"]);
  });

  it("leaves nothing in the cache when no other source is good", async () => {
    const { fetching, cache } = await fetchTiny(answer);
    await expect(fetching).rejects.toMatchObject({
      name: "UserError",
      exitCode,
      message: expect.stringMatching(
        new RegExp(
          `^tiny: no source gave .*nothing was cached[^]*${reason.source}[^]*HTTP status 404[^]*rademark data get tiny$`,
        ),
      ) as string,
    });
    expect(await cached(cache)).toEqual([]);
  });
});

it("does not take a bug in a source for a bad source", async () => {
  const cache = await temporaryFolder();
  const buggy: Source = { name: "buggy", obtain: () => Promise.reject(new TypeError("bug")) };
  const fetching = fetchDataset(TINY, [buggy], { cache, onProgress: quiet });
  await expect(fetching).rejects.toThrow(TypeError);
  expect(await cached(cache)).toEqual([]);
});

it("refuses an archive that has not the published MD5", async () => {
  const cache = await temporaryFolder();
  const { url } = await serve({ "/a.tar.gz": good });
  const source = tinyArchive(`${url}/a.tar.gz`, { md5: "0".repeat(32) });
  const fetching = fetchDataset({ ...TINY, digests: null }, [source], { cache, onProgress: quiet });
  await expect(fetching).rejects.toThrow(/published MD5 0{32}; found [0-9a-f]{32}/);
  expect(await cached(cache)).toEqual([]);
});

it("says what to do about a cache folder that cannot be made", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  const fetching = fetchDataset(TINY, [], { cache: file, onProgress: quiet });
  await expect(fetching).rejects.toMatchObject({ name: "UserError" });
  expect((await stat(file)).isFile()).toBe(true);
});
