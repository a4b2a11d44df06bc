import { fork, type ChildProcess } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDataset } from "../../harness/data/cached-dataset.ts";
import type { FromWorker } from "../../harness/train/messages.ts";
import { canonicalConfiguration, NO_ABLATIONS } from "../../record/configuration.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { sourceDigest } from "../../record/custom-code.ts";
import { Run } from "../../record/run.ts";
import { NO_SOURCES, writeSources } from "../../harness/custom-sources.ts";
import { protocols } from "../../record/protocols.ts";

/** A folder ready for a worker: micro-1 on 20 images a class for 8 epochs, evaluated after the sixth. */
function preparedFolder(folder: string, arch: string, regs: string, own = NO_SOURCES): string {
  const changes = ["subset.perClass=20", "epochs=8", "evaluateEvery=6"];
  const protocol = deriveProtocol(protocols["micro-1"]!, changes);
  const configuration = canonicalConfiguration(protocol, {
    arch,
    regs,
    seeds: [3],
    threads: 1,
    engine: "cpu",
    limit: null,
    save: [],
    ablations: NO_ABLATIONS,
    source: own.source && sourceDigest(own.source),
    regSource: own.regSource && sourceDigest(own.regSource),
    customTaps: own.source === null ? null : ["features"],
  });
  mkdirSync(folder, { recursive: true });
  writeSources(folder, own);
  writeFileSync(join(folder, "protocol.json"), JSON.stringify(protocol));
  writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
  return folder;
}

/** Starts seed 3; `onMessage` may kill or stop. @returns the last message, or null after a kill. */
function runWorker(
  folder: string,
  onMessage: (message: FromWorker, worker: ChildProcess) => void = () => undefined,
  code: readonly string[] = [],
): Promise<FromWorker | null> {
  const worker = fork(join(import.meta.dirname, "../../harness/train/training-worker.ts"), [], {
    env: { ...process.env, TF_NUM_INTEROP_THREADS: "1", RADEMARK_CHECKPOINT_SECONDS: "0" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  let last: FromWorker | null = null;
  worker.on("message", (message: FromWorker) => {
    if (message.type === "ready") worker.send({ type: "start", folder, seeds: [3], code });
    onMessage(message, worker);
    if (["done", "stopped", "failed"].includes(message.type)) {
      last = message;
      worker.disconnect();
    }
  });
  return new Promise((resolve) => worker.on("exit", () => resolve(last)));
}

/** final.json without its timings, and metrics.jsonl: what must not depend on interruptions. */
function lasting(folder: string): { final: string; metrics: string } {
  const seed = join(folder, "seeds", "3");
  const run = JSON.parse(readFileSync(join(seed, "final.json"), "utf8")) as Record<string, unknown>;
  return {
    final: JSON.stringify({ ...run, timing: null }),
    metrics: readFileSync(join(seed, "metrics.jsonl"), "utf8"),
  };
}

const root = mkdtempSync(join(tmpdir(), "rademark-resume-"));
const REGS = "dropout=0.2,aug,mixup=0.2,sam=0.05,rl=1";
const folder = (name: string) => preparedFolder(join(root, name), "cnn-4", REGS);
const checkpoint = (name: string) => join(root, name, "seeds/3/checkpoint.safetensors");
const TIMING = JSON.stringify({
  trainSeconds: 0,
  evaluateSeconds: 0,
  controlSeconds: 0,
  imagesPerSecond: 0,
});
let whole: ReturnType<typeof lasting>;

beforeAll(async () => {
  await loadDataset("cifar10"); // fetched once, on a machine that has never seen it
  expect(await runWorker(folder("whole"))).toMatchObject({ type: "done" });
  whole = lasting(join(root, "whole"));
  expect(whole.final).toMatch(/"evaluated":\{"trainCorrect":\d+,"testCorrect":\d+\}/);
  expect(whole.final).toMatch(/"frozenHeads":\[\{"draw":0,"final":\d+.*"draw":1/);
}, 600_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("metrics.jsonl names every head as final.json does, in flat columns, the same in each line", () => {
  const run = Run.parse(JSON.parse(whole.final.replace('"timing":null', `"timing":${TIMING}`)));
  const lines = whole.metrics.trimEnd().split("\n");
  const rows = lines.map((line) => JSON.parse(line) as Record<string, number | null>);
  expect(rows.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const [i, row] of rows.entries()) {
    expect(Object.keys(row)).toEqual(Object.keys(rows[0]!));
    const { online, frozenOnline, evaluated, seen } = run.epochs[i]!;
    const named = run.heads!.map(({ tap, n, draw, regularized }) => {
      const name = `online.tap${tap}.n${n}.draw${draw}`;
      return row[regularized ? `${name}.regularized` : name];
    });
    expect([row.seen, named]).toEqual([seen, online]);
    const last = Math.max(...run.heads!.map(({ tap }) => tap));
    const frozen = run.frozenHeads!.map(
      ({ draw }) => row[`frozenOnline.tap${last}.n100.draw${draw}`],
    );
    expect(frozen).toEqual(frozenOnline);
    expect(row["evaluated.testCorrect"]).toBe(evaluated?.testCorrect ?? null);
  }
  expect(run.heads!.filter(({ regularized }) => regularized)).toHaveLength(1);
  expect(rows[5]!["evaluated.testCorrect"]).toBeGreaterThan(0);
});

test("a run killed again and again ends, in other processes, as one that was left alone, to the last bit", async () => {
  const path = folder("killed");
  const kills = [1, 7];
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

test("a stopped run leaves a checkpoint and goes on from it; where it is damaged, that is named, with what to do", async () => {
  const path = folder("stopped");
  const last = await runWorker(path, (message, worker) => {
    if (message.type === "epoch" && message.epoch === 3) worker.send({ type: "stop" });
  });
  expect(last).toMatchObject({ type: "stopped" });
  expect(existsSync(checkpoint("stopped"))).toBe(true);

  const damaged = join(root, "damaged");
  cpSync(path, damaged, { recursive: true });
  truncateSync(checkpoint("damaged"), 1000);
  const refused = await runWorker(damaged);
  expect(refused).toMatchObject({ type: "failed", bug: false, exitCode: 3 });
  const words = expect.stringMatching(/checkpoint.*damaged.*Delete it/s) as string;
  expect(refused).toHaveProperty("message", words);
  expect(statSync(checkpoint("damaged")).size).toBe(1000); // nothing is overwritten

  await runWorker(path);
  expect(lasting(path)).toEqual(whole);
  expect(existsSync(checkpoint("stopped"))).toBe(false);
});

/** Small, with all that a checkpoint has to keep of a trunk: running statistics, and noise that goes on. */
const NET = `
import { batchNormLayer, chain, convolutionLayer, dropoutLayer, globalMean, maxPool, reluLayer } from "rademark/network";
export const taps = ["features"];
export default function (net, image, { dropout }) {
  const stage = chain(convolutionLayer(net, "conv", { inputs: 3, outputs: 4 }), batchNormLayer(net, "norm", 4), reluLayer);
  const drop = dropoutLayer(dropout);
  return { tapWidths: [4], forward: (x, pass) => [drop(globalMean(stage(maxPool(x), pass)), pass)] };
}`;

test("custom code, killed, goes on as if it had been left alone, and does not begin unless it is allowed", async () => {
  const own = {
    source: NET,
    regSource: readFileSync("examples/decov.ts", "utf8"),
  };
  const digests = [sourceDigest(own.source), sourceDigest(own.regSource)];
  const [arch, reg] = ["net", "reg"].map((name, i) => `custom:${name}@${digests[i]!.slice(0, 8)}`);
  const place = (name: string) =>
    preparedFolder(join(root, name), arch!, `dropout=0.2,${reg}=0.1`, own);
  const alone = place("own-alone");
  const refused = await runWorker(alone, undefined, digests.slice(0, 1));
  expect(refused).toMatchObject({ type: "failed", bug: false, exitCode: 3 });
  expect(refused).toHaveProperty("message", expect.stringContaining(digests[1]!));
  expect(await runWorker(alone, undefined, digests)).toMatchObject({ type: "done" });
  const killed = place("own-killed");
  await runWorker(
    killed,
    (message, worker) => {
      if (message.type === "epoch" && message.epoch === 3) worker.kill("SIGKILL");
    },
    digests,
  );
  expect(existsSync(checkpoint("own-killed"))).toBe(true);
  expect(await runWorker(killed, undefined, digests)).toMatchObject({ type: "done" });
  expect(lasting(killed)).toEqual(lasting(alone));
});
