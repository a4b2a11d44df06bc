import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { fetchDataset, visibleDamage } from "../../harness/data/cached-dataset.ts";
import { EXIT } from "../../harness/errors.ts";
import { serve, temporaryFolder } from "./fixtures.ts";
import { TINY, TRAIN_LABELS, tarGz, tinyArchive, tinyFiles } from "./tiny-dataset.ts";

const SCRIPT = fileURLToPath(new URL("fetching-process.ts", import.meta.url));
const good = await tarGz(tinyFiles());

/** Another process that fetches into this cache; `ended` is its exit code and what it printed. */
function startFetching(cache: string, url: string) {
  const child = spawn(process.execPath, [SCRIPT, cache, url], { stdio: "pipe" });
  let printed = "";
  child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
  child.stderr.on("data", (text: Buffer) => (printed += text.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, printed }));
  return { child, ended };
}

/** A process that is half-way through its download. */
async function halfWay(cache: string) {
  const { url } = await serve({ "/a.tar.gz": { hangAfter: 500, of: good } });
  const started = startFetching(cache, `${url}/a.tar.gz`);
  const folder = join(cache, "datasets");
  const own = `.${String(started.child.pid)}.`;
  for (;;) {
    const names = existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
    if (names.some((name) => name.includes(own) && name.endsWith("a.tar.gz")))
      return { ...started, folder };
    await setTimeout(20);
  }
}

it("three processes that fetch at once all get the data set, and leave one copy and no debris", async () => {
  const cache = await temporaryFolder();
  const { url } = await serve({ "/a.tar.gz": good });
  const started = [1, 2, 3].map(() => startFetching(cache, `${url}/a.tar.gz`));
  for (const { ended } of started)
    expect(await ended).toEqual({ code: 0, printed: TRAIN_LABELS.join() });
  expect(await readdir(join(cache, "datasets"))).toEqual(["tiny"]);
  expect(await visibleDamage(TINY, cache)).toBeNull();
});

it.each(["SIGINT", "SIGTERM"] as const)("%s leaves nothing half-done behind", async (signal) => {
  const { child, ended, folder } = await halfWay(await temporaryFolder());
  child.kill(signal);
  expect(await ended).toEqual({ code: EXIT.interrupted, printed: "interrupted; nothing was kept" });
  expect(await readdir(folder)).toEqual([]);
});

it("what a killed process leaves is removed by the next one, a running one's is not", async () => {
  const cache = await temporaryFolder();
  const killed = await halfWay(cache);
  const running = await halfWay(cache);
  await kill(killed.child);
  const others = `.partial.not-${hostname()}.1.abc`;
  await mkdir(join(killed.folder, others));
  expect((await readdir(killed.folder)).length).toBe(3);

  const { url } = await serve({ "/a.tar.gz": good });
  const options = { cache, onProgress: () => {} };
  await fetchDataset(TINY, [tinyArchive(`${url}/a.tar.gz`)], options);
  const left = await readdir(killed.folder);
  expect(left.filter((name) => name.includes(`.${String(running.child.pid)}.`)).length).toBe(1);
  expect(left.filter((name) => name.includes(`.${String(killed.child.pid)}.`)).length).toBe(0);
  expect(left).toContain("tiny");
  expect(left).toContain(others);
  await kill(running.child);
});

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "close");
}
