import { readFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import type { Progress } from "../../harness/data/datasets.ts";
import { download } from "../../harness/data/sources/download.ts";
import { EXIT } from "../../harness/errors.ts";
import { serve, temporaryFolder } from "./fixtures.ts";

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
