/**
 * @file A child process that keeps the training workers' protocol without training: each "epoch" is a
 * short wait. What it does is written in the folder's `script.json`, by seed.
 */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { writeJsonAtomic } from "../../harness/files.ts";
import type { Configuration } from "../../record/configuration.ts";
import type { Run } from "../../record/run.ts";
import type { FromWorker, ToWorker } from "../../harness/train/messages.ts";
import { aDivergedRun, aRun } from "./runs.ts";

/** What the worker does at the last epoch of a seed. */
type Act = "complete" | "diverge" | "crash" | "fail" | "bug" | "hang";

interface Script {
  epochs?: number;
  epochMilliseconds?: number;
  acts?: Record<string, Act>;
}

let stopping = false;
const say = (message: FromWorker): void => void process.send!(message);

process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToWorker) => {
  if (message.type === "stop") stopping = true;
  else if (message.type === "start") void train(message.folder, message.seeds);
  else void tryOut(message.folder);
});
say({ type: "ready" });

async function train(folder: string, seeds: number[]): Promise<void> {
  const script = readScript(folder);
  for (const seed of seeds) {
    const place = join(folder, "seeds", String(seed));
    mkdirSync(place, { recursive: true });
    const ended = await trainSeed(folder, seed, script);
    if (!ended) return;
  }
  say({ type: "done", folder });
}

/** @returns false when the task is over. */
async function trainSeed(folder: string, seed: number, script: Script): Promise<boolean> {
  const { CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER, TF_FORCE_GPU_ALLOW_GROWTH } = process.env;
  const seen = { CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER, TF_FORCE_GPU_ALLOW_GROWTH };
  writeJsonAtomic(join(folder, "seeds", String(seed), "environment.json"), {
    pid: process.pid,
    ...seen,
  });
  const act = script.acts?.[seed] ?? "complete";
  const epochs = script.epochs ?? 2;
  const checkpoint = join(folder, "seeds", String(seed), "checkpoint.json");
  const begun = existsSync(checkpoint)
    ? (JSON.parse(readFileSync(checkpoint, "utf8")) as number)
    : 0;
  for (let epoch = begun + 1; epoch <= epochs; epoch++) {
    await wait(script.epochMilliseconds ?? 1);
    if (stopping) {
      stopping = false;
      say({ type: "stopped", folder });
      return false;
    }
    writeJsonAtomic(checkpoint, epoch);
    say(epochMessage(folder, seed, epoch, epochs));
  }
  if (act === "crash") process.kill(process.pid, "SIGKILL");
  if (act === "hang") await wait(60_000);
  if (act === "bug") throw new Error("the scripted bug");
  if (act === "fail") {
    say({ type: "failed", folder, message: "the scripted failure", exitCode: 3, bug: false });
    return false;
  }
  const status = act === "diverge" ? "diverged" : "completed";
  writeJsonAtomic(join(folder, "seeds", String(seed), "final.json"), {
    ...makeRun(folder, seed, status),
    // Tells the tests which process did which seed.
    params: process.pid,
  });
  say({ type: "seed", folder, seed, status });
  return true;
}

/** As long as the schedule; test accuracy depends on the seed, so that means have an interval. */
function makeRun(folder: string, seed: number, status: Run["status"]): Run {
  const configuration = JSON.parse(
    readFileSync(join(folder, "config.json"), "utf8"),
  ) as Configuration;
  const { arch, regs, limit } = configuration;
  const run =
    status === "completed" ? aRun({ arch, regs, seed }) : aDivergedRun({ arch, regs, seed });
  if (!run.final) return run;
  const epochs = Array.from({ length: limit ?? 30 }, () => run.epochs[0]!);
  return { ...run, epochs, final: { ...run.final, testCorrect: 4500 + 10 * seed } };
}

function epochMessage(folder: string, seed: number, epoch: number, epochs: number): FromWorker {
  return {
    type: "epoch",
    folder,
    seed,
    epoch,
    epochs,
    imagesPerSecond: 1934,
    trainAccuracy: 0.543,
    randomLabels: { n: 100, accuracy: 0.12, frozenAccuracy: null },
    phase: "train",
  };
}

async function tryOut(folder: string): Promise<void> {
  await wait(1);
  say({
    type: "trial",
    folder,
    parameters: 1_234,
    secondsPerStep: 0.01,
    evaluateSecondsPerImage: 0.0001,
    setupSeconds: 1,
    residentBytes: 500 * 2 ** 20,
  });
  say({ type: "done", folder });
}

function readScript(folder: string): Script {
  const own = join(folder, ".script.json");
  const shared = join(folder, "..", ".script.json");
  const path = existsSync(own) ? own : shared;
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Script) : {};
}
