/** @file The epochs of a run: call after call, with a checkpoint now and then, until the end, a stop or a divergence. */

import { EpochCounts } from "../../record/run.ts";
import { appendText } from "../files.ts";
import type { EpochMessage } from "./messages.ts";
import type { RunFiles } from "./run-folder.ts";
import type { Progress } from "./run-progress.ts";
import type { Trainer } from "./trainer.ts";

/** Between two checkpoints, in seconds: what a kill can cost. The variable is for slow disks, and for tests. */
export const CHECKPOINT_VARIABLE = "RADEMARK_CHECKPOINT_SECONDS";
const checkpointSeconds = () => Number(process.env[CHECKPOINT_VARIABLE] || 10);

export interface EpochsTask {
  seed: number;
  files: RunFiles;
  /** Epochs after which the run ends early; null: the protocol's. */
  limit: number | null;
  /** Asked after every call; true: save and leave. */
  stopping(): Promise<boolean>;
  save(): void;
  onEpoch: (message: Omit<EpochMessage, "type" | "folder">) => void;
}

/** Trains on from `progress`, which is kept up to date. */
export async function trainEpochs(
  trainer: Trainer,
  progress: Progress,
  task: EpochsTask,
): Promise<"completed" | "diverged" | "stopped"> {
  const { epochs } = trainer.plan.protocol;
  const end = Math.min(epochs, task.limit ?? epochs);
  const clock = { saved: performance.now(), last: performance.now() };
  while (progress.epochs.length < end) {
    clock.last = performance.now();
    for await (const step of trainer.train(progress.epochs.length, progress.step)) {
      progress.trainSeconds += (performance.now() - clock.last) / 1000;
      progress.step = step;
      if (step < trainer.steps && (await pause(task, clock))) return "stopped";
      clock.last = performance.now();
    }
    const counted = trainer.counted(trainer.steps);
    if (!Number.isFinite(counted.lossSum)) return "diverged";
    finishEpoch(trainer, progress, counted, task);
    if (await pause(task, clock)) return "stopped";
  }
  return "completed";
}

/** Saves when it is time to, or when asked to stop. @returns whether to stop. */
async function pause(task: EpochsTask, clock: { saved: number }): Promise<boolean> {
  const stopping = await task.stopping();
  if (stopping || performance.now() - clock.saved > checkpointSeconds() * 1000) {
    task.save();
    clock.saved = performance.now();
  }
  return stopping;
}

function finishEpoch(
  trainer: Trainer,
  progress: Progress,
  counted: EpochCounts,
  { seed, files, limit, onEpoch }: EpochsTask,
): void {
  progress.epochs.push(counted);
  progress.step = 0;
  appendText(files.metrics, metricsLine(counted, progress.epochs.length - 1));
  const { plan } = trainer;
  const seen = progress.epochs.reduce((sum, epoch) => sum + epoch.seen, 0);
  onEpoch({
    seed,
    epoch: progress.epochs.length,
    epochs: Math.min(plan.protocol.epochs, limit ?? Infinity),
    imagesPerSecond: seen / progress.trainSeconds,
    trainAccuracy: counted.correct / counted.seen,
    randomLabels: headlineAccuracy(trainer, counted),
    phase: "train",
  });
}

/** Online accuracy of the last tap's first draw at the headline label space. */
export function headlineAccuracy({ plan }: Trainer, { online, seen }: EpochCounts) {
  const n = plan.protocol.headline;
  const head = plan.heads.findIndex((h) => h.tap === plan.taps && h.n === n);
  return { n, accuracy: online[head]! / seen };
}

/** A line of metrics.jsonl, fields in the schema's order; `i` counts epochs from 0. */
export const metricsLine = (counts: EpochCounts, i: number) =>
  `${JSON.stringify({ epoch: i + 1, ...EpochCounts.parse(counts) })}\n`;
