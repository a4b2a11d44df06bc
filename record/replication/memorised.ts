/** @file Quantities of Q1 and Q6 (docs/replication-plan.md), from the counts that `--measures` puts into a run. */

import type { Run } from "../run.ts";

/**
 * Known memorization: training samples with an arbitrary label (changed by `noise=`, or a canary's) that the final network
 * predicts as trained on, as a share of all training samples. 0 where no label is arbitrary.
 */
export function arbitraryFitted({ measures, trainSamples }: Run): number | null {
  if (measures === null) return null;
  const { noisyLabels, canaries } = measures;
  return ((noisyLabels?.fitted ?? 0) + (canaries?.fitted ?? 0)) / trainSamples;
}

/**
 * Gap without near-duplicates minus gap; what train accuracy adds to both cancels. Left out are the test images that have a
 * near-duplicate among the samples trained on, or, for the control, those that have one elsewhere in the training set.
 */
export function nearDuplicateGain(
  run: Run,
  which: "trained" | "others" = "trained",
): number | null {
  const listed = run.measures?.nearDuplicates?.[which];
  if (!listed || run.final === null) return null;
  const { testSamples, final } = run;
  const left = testSamples - listed.images;
  return final.testCorrect / testSamples - (final.testCorrect - listed.correct) / left;
}

/** Steps that one count more moves `nearDuplicateGain` by: one right test image, and one right image of those left out. */
export function nearDuplicateSteps(
  { measures, testSamples }: Run,
  which: "trained" | "others" = "trained",
): [anyImage: number, leftOut: number] {
  const left = testSamples - (measures?.nearDuplicates?.[which].images ?? 0);
  return [1 / left - 1 / testSamples, 1 / left];
}
