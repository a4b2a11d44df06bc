/** @file What is computed from one run: the shape of an entry of `runs` in every `--json` document. */

import { z } from "zod";
import { NullAccuracy, Spectrum } from "./run.ts";

const Count = z.int().min(0);
const Share = z.number().min(0).max(1);
const place = { tap: z.int().min(1), n: z.int().min(2) };

/** Null: not measured, as the run diverged before (`online`: before its first epoch ended). */
export const HeadMetrics = z.strictObject({
  ...place,
  draw: Count,
  /** Whether `rl=` acts on it; then it is not part of the complexity. */
  regularized: z.boolean(),
  /** Share of random labels predicted before each update, in the last epoch. */
  online: Share.nullable(),
  /** After training, in evaluation mode. */
  final: Share.nullable(),
  /** `final` on a scale from chance (0) to everything (1). */
  normalized: z.number().max(1).nullable(),
  /** Memorised bits per sample, log2 n - L/ln 2; can be negative. Declared. */
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

export const RefitMetrics = z.strictObject({ ...place, accuracy: Share, correct: Count });
export type RefitMetrics = z.infer<typeof RefitMetrics>;

export const ControlMetrics = z.strictObject({
  refit: z.array(RefitMetrics),
  frozen: z.array(RefitMetrics),
  null: z.array(NullAccuracy),
  ...Spectrum.shape,
});
export type ControlMetrics = z.infer<typeof ControlMetrics>;

/** The numbers that a summary takes means of. A "complexity" is a normalised accuracy A at the headline n. */
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
  /** The headline: last tap, `final`, mean over the draws that no regularizer acts on. */
  complexity: z.number().nullable(),
  /** The same for the draw that `rl=` acts on at the last tap; null without one. */
  regularizedComplexity: z.number().nullable(),
  /** Complexity of the ridge refit, last tap. */
  refitComplexity: z.number().nullable(),
  /** Complexity of the refit on the trunk at initialisation, last tap. */
  frozenComplexity: z.number().nullable(),
  /** Complexity of a generic cloud of the same width and number of samples. */
  nullComplexity: z.number().nullable(),
  complexityMinusFrozen: z.number().nullable(),
  complexityMinusNull: z.number().nullable(),
  /** Memorised bits, over the same heads as the complexity. */
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
  heads: z.array(HeadMetrics),
  controls: ControlMetrics.nullable(),
});
export type RunMetrics = z.infer<typeof RunMetrics>;
