/** @file The epochs of a run: call after call, with a checkpoint now and then, until the end, a stop or a divergence. */

import { appendFileSync } from "node:fs";
import type { EpochCounts } from "../../record/run.ts";
import { explainDisk } from "../files.ts";
import type { EpochMessage } from "./messages.ts";
import type { RunFiles } from "./run-folder.ts";
import type { Progress } from "./run-progress.ts";
import type { Trainer } from "./trainer.ts";

/** Between two checkpoints inside a run: what a kill can cost. */
const CHECKPOINT_SECONDS = 10;

export interface EpochsTask {
  seed: number;
  files: RunFiles;
  /** Steps after which the run ends early; null: the protocol's. */
  limit: number | null;
  /** Asked after every call; true: save and leave. */
  stopping(): Promise<boolean>;
  save(): void;
  onEpoch(message: Omit<EpochMessage, "type" | "folder">): void;
}

/** Trains on from `progress`, which is kept up to date. */
export async function trainEpochs(
  trainer: Trainer,
  progress: Progress,
  task: EpochsTask,
): Promise<"completed" | "diverged" | "stopped"> {
  const total = trainer.plan.protocol.epochs * trainer.steps;
  const end = Math.min(total, task.limit ?? total);
  let saved = performance.now();
  while (progress.epochs.length * trainer.steps + progress.step < end) {
    const epoch = progress.epochs.length;
    const to = Math.min(trainer.steps, end - epoch * trainer.steps);
    let then = performance.now();
    for await (const step of trainer.train(epoch, progress.step, to)) {
      const now = performance.now();
      progress.trainSeconds += (now - then) / 1000;
      then = now;
      progress.step = step;
      if (step < to && (await task.stopping())) return stop(task);
      if (step < to && now - saved > CHECKPOINT_SECONDS * 1000) {
        task.save();
        saved = then = performance.now();
      }
    }
    const counted = trainer.counted(to);
    if (!Number.isFinite(counted.lossSum)) return "diverged";
    finishEpoch(trainer, progress, counted, task);
    if (await task.stopping()) return stop(task);
  }
  return "completed";
}

function stop(task: EpochsTask): "stopped" {
  task.save();
  return "stopped";
}

function finishEpoch(
  trainer: Trainer,
  progress: Progress,
  counted: EpochCounts,
  { seed, files, onEpoch }: EpochsTask,
): void {
  progress.epochs.push(counted);
  progress.step = 0;
  appendLine(files.metrics, metricsLine(counted, progress.epochs.length - 1));
  const { plan } = trainer;
  const seen = progress.epochs.reduce((sum, epoch) => sum + epoch.seen, 0);
  onEpoch({
    seed,
    epoch: progress.epochs.length,
    epochs: plan.protocol.epochs,
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

/** A line of metrics.jsonl; `i` counts epochs from 0. */
export const metricsLine = (counts: EpochCounts, i: number) =>
  `${JSON.stringify({ epoch: i + 1, ...counts })}\n`;

function appendLine(path: string, line: string): void {
  try {
    appendFileSync(path, line);
  } catch (error) {
    throw explainDisk(error, path);
  }
}
