/** @file Drives the real training worker on a small part of CIFAR-10, and kills it on demand. */

import { fork, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalConfiguration, NO_ABLATIONS } from "../../record/configuration.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { protocols } from "../../record/protocols.ts";
import type { FromWorker } from "../../harness/train/messages.ts";

/** A folder ready for a worker: micro-1 on 20 images a class for 8 epochs. */
export function preparedFolder(folder: string, arch: string, regs: string): string {
  const protocol = deriveProtocol(protocols["micro-1"]!, ["subset.perClass=20", "epochs=8"]);
  const configuration = canonicalConfiguration(protocol, {
    arch,
    regs,
    seeds: [3],
    threads: 1,
    engine: "cpu",
    limit: null,
    save: [],
    ablations: NO_ABLATIONS,
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "protocol.json"), JSON.stringify(protocol));
  writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
  return folder;
}

/** Starts seed 3; `onMessage` may kill or stop. @returns the last message, or null after a kill. */
export function runWorker(
  folder: string,
  onMessage: (message: FromWorker, worker: ChildProcess) => void = () => undefined,
): Promise<FromWorker | null> {
  const worker = fork(join(import.meta.dirname, "../../harness/train/worker.ts"), [], {
    env: { ...process.env, TF_NUM_INTEROP_THREADS: "1", RADEMARK_CHECKPOINT_SECONDS: "0" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  let last: FromWorker | null = null;
  worker.on("message", (message: FromWorker) => {
    if (message.type === "ready") worker.send({ type: "start", folder, seeds: [3] });
    onMessage(message, worker);
    if (["done", "stopped", "failed"].includes(message.type)) {
      last = message;
      worker.disconnect();
    }
  });
  return new Promise((resolve) => worker.on("exit", () => resolve(last)));
}

/** final.json without its timings, and metrics.jsonl: what must not depend on interruptions. */
export function lasting(folder: string): { final: string; metrics: string } {
  const seed = join(folder, "seeds", "3");
  const run = JSON.parse(readFileSync(join(seed, "final.json"), "utf8")) as Record<string, unknown>;
  return {
    final: JSON.stringify({ ...run, timing: null }),
    metrics: readFileSync(join(seed, "metrics.jsonl"), "utf8"),
  };
}
