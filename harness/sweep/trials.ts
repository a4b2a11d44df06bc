/** @file Tries configurations out: a few steps each, in a worker, in a folder that is thrown away. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, UserError } from "../errors.ts";
import { onDisk, writeJsonAtomic } from "../files.ts";
import type { TrialMessage, WeightMessage } from "../train/messages.ts";
import type { Wish } from "./output-folder.ts";
import { type Progress, WorkerProcess } from "./worker-process.ts";

/**
 * One trial per wish, one after the other.
 *
 * @param interrupted ends everything at once: a trial has nothing to keep.
 * @throws UserError when a configuration cannot be trained here.
 */
export async function runTrials(
  wishes: Wish[],
  module: string,
  interrupted: AbortSignal,
  onTrial: (wish: Wish) => void,
  variables: Record<string, string> = {},
): Promise<TrialMessage[]> {
  const trials: TrialMessage[] = [];
  await inWorkers(wishes, { module, interrupted, variables }, async (wish, ask) => {
    onTrial(wish);
    const trial = await ask("trial");
    if (trial?.type !== "trial") throw new Error("the worker ended a trial without its result");
    trials.push(trial);
  });
  return trials;
}

/** What each will take, from its shapes; one that a worker says nothing of is left out. */
export async function weighAll<T extends Tried>(
  wishes: readonly T[],
  module: string,
  interrupted: AbortSignal,
  variables: Record<string, string>,
): Promise<Map<T, WeightMessage>> {
  const weights = new Map<T, WeightMessage>();
  await inWorkers(wishes, { module, interrupted, variables }, async (wish, ask) => {
    const weight = await ask("weigh");
    if (weight?.type === "weight") weights.set(wish, weight);
  });
  return weights;
}

type Tried = Pick<Wish, "configuration" | "protocol">;
type Ask = (type: "trial" | "weigh") => Promise<Progress | null>;

async function inWorkers<T extends Tried>(
  wishes: readonly T[],
  how: { module: string; interrupted: AbortSignal; variables: Record<string, string> },
  each: (wish: T, ask: Ask) => Promise<void>,
): Promise<void> {
  const { module, interrupted, variables } = how;
  const root = onDisk(() => mkdtempSync(join(tmpdir(), "rademark-trial-")));
  const workers = new Map<number, WorkerProcess>();
  const kill = () => workers.forEach((worker) => worker.kill());
  interrupted.addEventListener("abort", kill);
  try {
    for (const wish of wishes) {
      const { threads } = wish.configuration;
      const worker = workers.get(threads) ?? new WorkerProcess(module, threads, variables);
      workers.set(threads, worker);
      await each(wish, (type) => askWorker(wish, type, root, worker, interrupted));
    }
  } finally {
    interrupted.removeEventListener("abort", kill);
    await Promise.all(Array.from(workers.values(), (worker) => worker.close()));
    rmSync(root, { recursive: true, force: true });
  }
}

async function askWorker(
  { configuration, protocol }: Tried,
  type: "trial" | "weigh",
  folder: string,
  worker: WorkerProcess,
  interrupted: AbortSignal,
): Promise<Progress | null> {
  writeJsonAtomic(join(folder, "protocol.json"), protocol);
  writeJsonAtomic(join(folder, "config.json"), configuration);
  let answer: Progress | null = null;
  const end = await worker.run(
    { type, folder },
    { onProgress: (message) => void (answer = message), onLog: () => undefined },
  );
  if (interrupted.aborted) throw new UserError("Interrupted.", EXIT.interrupted);
  const name = `${configuration.arch} ${configuration.regs}`;
  if (end.type === "failed") throw new UserError(`${name}: ${end.message}`, end.exitCode);
  return answer;
}
