/** @file Where a run keeps its files: `seeds/SEED/` below its configuration's output folder. */

import { join } from "node:path";

export interface RunFiles {
  folder: string;
  /** One line for each finished epoch: its number and its counts, each head's by name. */
  metrics: string;
  /** The run's record; the seed is done once this file exists. */
  final: string;
  checkpoint: string;
}

export function runFiles(outputFolder: string, seed: number): RunFiles {
  const folder = join(outputFolder, "seeds", String(seed));
  return {
    folder,
    metrics: join(folder, "metrics.jsonl"),
    final: join(folder, "final.json"),
    checkpoint: join(folder, "checkpoint.safetensors"),
  };
}
