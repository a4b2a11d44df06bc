/** @file What is computed from one run: the shape of an entry of `runs` in every `--json` document. */

import { z } from "zod";
import { NullRungs, Spectrum } from "./run.ts";

const Count = z.int().min(0);
const Share = z.number().min(0).max(1);
const place = { tap: z.int().min(1), n: z.int().min(2) };

/** Null: not measured, as the run diverged before (`online`: before its first epoch ended). */
export const HeadMetrics = z.strictObject({
  ...place,
  draw: Count,
  /** Whether `rl=` acts on it; then it is not part of the learned complexity. */
  regularized: z.boolean(),
  /** Share of random labels predicted before each update, in the last epoch. */
  online: Share.nullable(),
  /** After training, in evaluation mode. */
  final: Share.nullable(),
  /** `final` on a scale from chance (0) to everything (1). */
  normalized: z.number().max(1).nullable(),
  /** Memorized bits per sample, log2 n - L/ln 2; can be negative. Declared. */
  bits: z.number().nullable(),
  /** `final` against labels the head never met: chance. */
  unseen: Share.nullable(),
  counts: z.strictObject({
    online: Count.nullable(),
    final: Count.nullable(),
    unseen: Count.nullable(),
  }),
});
export type HeadMetrics = z.infer<typeof HeadMetrics>;

/** A head on the trunk as it was at initialization, at the last tap and the headline n. */
export const FrozenHeadMetrics = HeadMetrics.pick({
  draw: true,
  online: true,
  final: true,
  normalized: true,
  bits: true,
  unseen: true,
  counts: true,
});
export type FrozenHeadMetrics = z.infer<typeof FrozenHeadMetrics>;

export const EquivalentWidthBound = z.enum(["at most", "at least"]);

export const RefitMetrics = z.strictObject({
  ...place,
  /** Mean accuracy over the first K redraws. */
  accuracy: Share,
  /** The same from chance (0) to everything (1). */
  capacity: z.number().max(1),
  /** Accuracy on the told labelling; null where it is not measured. */
  told: Share.nullable(),
  counts: z.strictObject({ told: Count.nullable(), redraws: z.array(Count) }),
});
export type RefitMetrics = z.infer<typeof RefitMetrics>;

export const ControlMetrics = z.strictObject({
  refit: z.array(RefitMetrics),
  frozen: z.array(RefitMetrics),
  null: z.array(NullRungs),
  ...Spectrum.shape,
});
export type ControlMetrics = z.infer<typeof ControlMetrics>;

/** The numbers that a summary takes means of. Learned complexity, capacity and rungs are accuracies from chance (0) to everything (1). */
export const RunNumbers = z.strictObject({
  trainAccuracy: Share.nullable(),
  /** Against the data set's own labels; differs under `noise=`. */
  cleanTrainAccuracy: Share.nullable(),
  testAccuracy: Share.nullable(),
  /** Train minus test accuracy. */
  gap: z.number().nullable(),
  /** Nats per sample. Declared. */
  trainLoss: z.number().nullable(),
  testLoss: z.number().nullable(),
  /** Test minus train loss. */
  lossGap: z.number().nullable(),
  /** What the heads learned: last tap, headline n, `final`, mean over the draws that no regularizer acts on. */
  learnedComplexity: z.number().nullable(),
  /** The same for the draw that `rl=` acts on at the last tap; null without one. */
  regularizedComplexity: z.number().nullable(),
  /** The same heads on the trunk at initialization; null where the protocol has none. */
  frozenComplexity: z.number().nullable(),
  learnedMinusFrozen: z.number().nullable(),
  /** What the features allow: ridge refits of redraws 0..K-1, last tap, headline n. */
  capacity: z.number().nullable(),
  /** The same for the trunk at initialization. */
  frozenCapacity: z.number().nullable(),
  capacityMinusFrozen: z.number().nullable(),
  /** D of the shapeless cloud of the same accuracy; a bound where the run says so. */
  equivalentWidth: z.number().min(0).nullable(),
  /** A of the refit to the told labelling minus the mean over all redraws; null where it is not measured. */
  selectivity: z.number().nullable(),
  /** A of the null at the last tap and the headline n, rung by rung. */
  countsNull: z.number().nullable(),
  spectrumNull: z.number().nullable(),
  leveragesNull: z.number().nullable(),
  /** How far the features lie above or below a cloud with their spectrum and leverages. */
  capacityMinusLeverages: z.number().nullable(),
  /** Memorized bits, over the same heads as the learned complexity. */
  bits: z.number().nullable(),
  /** Share of steps whose gradient was clipped. */
  clippedShare: Share.nullable(),
  /** Training, evaluation and controls. */
  seconds: z.number().min(0).nullable(),
  imagesPerSecond: z.number().min(0).nullable(),
});
export type RunNumbers = z.infer<typeof RunNumbers>;

export const RunMetrics = z.strictObject({
  seed: Count,
  status: z.enum(["completed", "diverged"]),
  /** How many were finished. */
  epochs: Count,
  ...RunNumbers.shape,
  counts: z.strictObject({
    trainSamples: Count,
    testSamples: Count,
    trainCorrect: Count.nullable(),
    trainCleanCorrect: Count.nullable(),
    testCorrect: Count.nullable(),
  }),
  /** Null unless `equivalentWidth` is a bound only. */
  equivalentWidthBound: EquivalentWidthBound.nullable(),
  heads: z.array(HeadMetrics),
  frozenHeads: z.array(FrozenHeadMetrics),
  controls: ControlMetrics.nullable(),
});
export type RunMetrics = z.infer<typeof RunMetrics>;
