/** @file How far a configuration has come: epochs for people, and a mark that changes only when training gets further. */

import { existsSync, readFileSync } from "node:fs";
import { checkpointProgress } from "../../train/checkpoint-progress.ts";
import { runFiles } from "../../train/run-files.ts";
import { type OutputFolder, finalPath, isFinished } from "../run-folder.ts";

/**
 * What would be lost with the folder: finished seeds, and checkpoints. A task that ends with the mark it began with would do
 * so again.
 */
export function trainingMark(folder: OutputFolder): string {
  if (isFinished(folder)) return "finished";
  return folder.configuration.seeds
    .map((seed) => {
      if (existsSync(finalPath(folder.path, seed))) return "all";
      const saved = checkpointProgress(runFiles(folder.path, seed).checkpoint);
      return saved === null ? "0" : `${saved.epochs}.${saved.step}`;
    })
    .join(" ");
}

/** Epochs of one seed. */
export function epochsOfSeed({ protocol, configuration }: OutputFolder): number {
  return Math.min(protocol.epochs, configuration.limit ?? Infinity);
}

export interface Trained {
  /** Finished seeds. */
  seeds: number;
  /** Finished epochs over all seeds, those of unfinished seeds included. */
  epochs: number;
}

export function trainedSoFar(folder: OutputFolder): Trained {
  const each = epochsOfSeed(folder);
  const epochs = folder.configuration.seeds.map((seed) =>
    existsSync(finalPath(folder.path, seed)) ? each : epochsBegun(folder.path, seed),
  );
  return {
    seeds: folder.configuration.seeds.filter((seed) => existsSync(finalPath(folder.path, seed)))
      .length,
    epochs: epochs.reduce((sum, count) => sum + count, 0),
  };
}

/** Lines of metrics.jsonl: one an epoch. */
function epochsBegun(folder: string, seed: number): number {
  const { metrics } = runFiles(folder, seed);
  return existsSync(metrics) ? readFileSync(metrics, "utf8").split("\n").length - 1 : 0;
}
