import { existsSync, mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDataset } from "../../harness/data/cached-dataset.ts";
import { lasting, preparedFolder, runWorker } from "./worker-runs.ts";

const root = mkdtempSync(join(tmpdir(), "rademark-resume-"));
const folder = (name: string) => preparedFolder(join(root, name), "cnn-4", "dropout=0.2,aug,rl=1");
const checkpoint = (name: string) => join(root, name, "seeds/3/checkpoint.safetensors");
let whole: ReturnType<typeof lasting>;

beforeAll(async () => {
  await loadDataset("cifar10"); // fetched once, on a machine that has never seen it
  expect(await runWorker(folder("whole"))).toMatchObject({ type: "done" });
  whole = lasting(join(root, "whole"));
}, 600_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("another process repeats a run to the last bit", async () => {
  await runWorker(folder("again"));
  expect(lasting(join(root, "again"))).toEqual(whole);
});

test("a run killed again and again ends as one that was left alone", async () => {
  const path = folder("killed");
  const kills = [1, 4, 7];
  for (const at of kills)
    await runWorker(path, (message, worker) => {
      if (message.type === "epoch" && message.epoch === at) worker.kill("SIGKILL");
    });
  expect(existsSync(checkpoint("killed"))).toBe(true);
  expect(existsSync(join(path, "seeds/3/final.json"))).toBe(false);
  let resumedAt = 0;
  await runWorker(path, (message) => {
    if (message.type === "epoch") resumedAt ||= message.epoch;
  });
  expect(resumedAt).toBeGreaterThan(6);
  expect(lasting(path)).toEqual(whole);
});

test("a stopped run leaves a checkpoint and goes on from it", async () => {
  const path = folder("stopped");
  const last = await runWorker(path, (message, worker) => {
    if (message.type === "epoch" && message.epoch === 3) worker.send({ type: "stop" });
  });
  expect(last).toMatchObject({ type: "stopped" });
  expect(existsSync(checkpoint("stopped"))).toBe(true);
  await runWorker(path);
  expect(lasting(path)).toEqual(whole);
  expect(existsSync(checkpoint("stopped"))).toBe(false);
});

test("a damaged checkpoint is named, with what to do, and nothing is overwritten", async () => {
  const path = folder("damaged");
  await runWorker(path, (message, worker) => {
    if (message.type === "epoch" && message.epoch === 3) worker.send({ type: "stop" });
  });
  truncateSync(checkpoint("damaged"), 1000);
  const last = await runWorker(path);
  expect(last).toMatchObject({ type: "failed", bug: false, exitCode: 3 });
  expect(last).toHaveProperty("message", expect.stringMatching(/checkpoint.*damaged.*Delete it/s));
  expect(existsSync(checkpoint("damaged"))).toBe(true);
});
