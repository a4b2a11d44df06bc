/** @file Tries configurations out: a few steps each, in a worker, in a folder that is thrown away. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, UserError } from "../errors.ts";
import { onDisk, writeJsonAtomic } from "../files.ts";
import type { TrialMessage } from "../train/messages.ts";
import type { Wish } from "./output-folder.ts";
import { WorkerProcess } from "./worker-process.ts";

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
  const root = onDisk(() => mkdtempSync(join(tmpdir(), "rademark-trial-")));
  const workers = new Map<number, WorkerProcess>();
  const kill = () => workers.forEach((worker) => worker.kill());
  interrupted.addEventListener("abort", kill);
  try {
    const trials: TrialMessage[] = [];
    for (const wish of wishes) {
      onTrial(wish);
      const { threads } = wish.configuration;
      const worker = workers.get(threads) ?? new WorkerProcess(module, threads, variables);
      workers.set(threads, worker);
      trials.push(await runTrial(wish, root, worker, interrupted));
    }
    return trials;
  } finally {
    interrupted.removeEventListener("abort", kill);
    await Promise.all(Array.from(workers.values(), (worker) => worker.close()));
    rmSync(root, { recursive: true, force: true });
  }
}

async function runTrial(
  { configuration, protocol }: Wish,
  folder: string,
  worker: WorkerProcess,
  interrupted: AbortSignal,
): Promise<TrialMessage> {
  writeJsonAtomic(join(folder, "protocol.json"), protocol);
  writeJsonAtomic(join(folder, "config.json"), configuration);
  let trial: TrialMessage | null = null;
  const end = await worker.run(
    { type: "trial", folder },
    {
      onProgress: (message) => void (trial = message.type === "trial" ? message : trial),
      onLog: () => undefined,
    },
  );
  if (interrupted.aborted) throw new UserError("Interrupted.", EXIT.interrupted);
  const name = `${configuration.arch} ${configuration.regs}`;
  if (end.type === "failed") throw new UserError(`${name}: ${end.message}`, end.exitCode);
  if (trial === null) throw new Error(`${name}: the worker ended a trial without its result`);
  return trial;
}
