/** @file `--save features,per-sample`: what others can join with their own data. */

import type { Configuration } from "../../record/configuration.ts";
import { saveFeatures, savePerSample, saveSampleIndex } from "../measure/save.ts";
import type { Evaluation } from "./evaluate.ts";
import { runFiles } from "./run-folder.ts";
import type { Trainer } from "./trainer.ts";

export function saveExtras(
  outputFolder: string,
  seed: number,
  wanted: Configuration["save"],
  { plan, samples }: Trainer,
  { features, classCorrect, randomLabelCorrect }: Evaluation,
): void {
  const { folder } = runFiles(outputFolder, seed);
  if (wanted.length > 0) saveSampleIndex(folder, samples.trainIndices);
  if (wanted.includes("features")) saveFeatures(folder, samples.trainIndices.length, features);
  if (wanted.includes("per-sample"))
    savePerSample(folder, { classCorrect, heads: plan.heads, randomLabelCorrect });
}
