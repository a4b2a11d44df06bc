/** @file A run: one (protocol, architecture, regularizers, seed) as raw counts. Everything shown is computed from it. */

import { z } from "zod";
import { TapNames } from "./architecture.ts";
import { RunMeasures } from "./run-measures.ts";

/** A whole number that JSON carries exactly. */
const Count = z.int().min(0);
/** A 256-bit digest in lower-case hexadecimal. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Where a random-label head sits and what it predicts; `tap` counts from 1 in order of depth. */
const HeadPlace = {
  tap: z.int().min(1).max(64),
  /** Size of the label space. */
  n: z.int().min(2).max(1_000_000),
};

/** One random-label head after training, in evaluation mode, over the m training samples. */
export const HeadCounts = z.strictObject({
  ...HeadPlace,
  /** Which independent labelling, from 0. */
  draw: z.int().min(0).max(63),
  /** Does the regularizer `rl=` act on this head? Such a head never enters the headline. */
  regularized: z.boolean(),
  /** Training samples whose random label the head predicts. */
  final: Count,
  /** The same against labels it never met: a negative control, Binomial(m, 1/n). */
  unseen: Count,
  /** Summed cross-entropy in nats. Declared: nobody can recompute it from counts. */
  lossSum: z.number(),
});
export type HeadCounts = z.infer<typeof HeadCounts>;

/** A head on the trunk as it was at initialization: last tap, headline n, the same labelling as the head of that draw. */
export const FrozenHeadCounts = HeadCounts.pick({
  draw: true,
  final: true,
  unseen: true,
  lossSum: true,
});
export type FrozenHeadCounts = z.infer<typeof FrozenHeadCounts>;

/** The class task in evaluation mode, while training goes on; against the labels trained on. */
export const EvaluationCounts = z.strictObject({ trainCorrect: Count, testCorrect: Count });
export type EvaluationCounts = z.infer<typeof EvaluationCounts>;

/** One epoch of training; `seen` samples (a last partial batch is dropped). */
export const EpochCounts = z.strictObject({
  seen: Count,
  /** Class-correct on training batches, before each update. */
  correct: Count,
  /** Summed class loss in nats, as trained on (smoothed, mixed). Declared. */
  lossSum: z.number().min(0),
  /** Steps whose joint gradient norm was clipped. */
  clipped: Count,
  /** Correct random labels before each update, in the order of `heads`. */
  online: z.array(Count),
  /** The same of the heads on the frozen trunk, in the order of `frozenHeads`. */
  frozenOnline: z.array(Count),
  /** After the epoch; null where the protocol's `evaluateEvery` does not ask for it. */
  evaluated: EvaluationCounts.nullable(),
});
export type EpochCounts = z.infer<typeof EpochCounts>;

/** Ridge refits of random labels (method.md section 4): argmax-correct among the m training samples. */
export const RefitCounts = z.strictObject({
  ...HeadPlace,
  /** Of the told labelling, draw 0; null where it is not measured. */
  told: Count.nullable(),
  /** Of redraws 0, 1, ..., labellings that no head met: the first K give the capacity. */
  redraws: z.array(Count).min(1).max(999),
});
export type RefitCounts = z.infer<typeof RefitCounts>;

/** The same on the trunk at initialization, where every labelling is as good as a redraw. */
export const FrozenRefitCounts = RefitCounts.omit({ told: true });
export type FrozenRefitCounts = z.infer<typeof FrozenRefitCounts>;

/** The rungs of the null: accuracies of ridge regression on random labels of clouds ever more like the features. */
export const NullRungs = z.strictObject({
  ...HeadPlace,
  /** D, the number of features. */
  width: z.int().min(1),
  /** A shapeless cloud of this width: a pure function of m, n and D. */
  counts: z.number().min(0).max(1),
  /** A cloud with the features' spectrum. Declared. */
  spectrum: z.number().min(0).max(1),
  /** A cloud with the features' leverages as well. Declared. */
  leverages: z.number().min(0).max(1),
});
export type NullRungs = z.infer<typeof NullRungs>;

/** The spectrum of the last tap's standardized features. Declared. */
export const Spectrum = z.strictObject({
  effectiveRank: z.number().min(0),
  participationRatio: z.number().min(0),
  /** Ridge effective dimension sum e/(e+l). */
  ridge: z.array(z.strictObject({ l: z.number().positive(), dimension: z.number().min(0) })),
});

export const Controls = z.strictObject({
  refit: z.array(RefitCounts),
  frozen: z.array(FrozenRefitCounts),
  null: z.array(NullRungs),
  spectrum: Spectrum,
});
export type Controls = z.infer<typeof Controls>;

/** Class task at the end: evaluation mode, no augmentation. */
export const FinalCounts = z.strictObject({
  /** Against the labels trained on (with `noise=`, the noisy ones). */
  trainCorrect: Count,
  /** Against the data set's own labels; equals `trainCorrect` without label noise. */
  trainCleanCorrect: Count,
  trainLossSum: z.number(),
  testCorrect: Count,
  testLossSum: z.number(),
});
export type FinalCounts = z.infer<typeof FinalCounts>;

/** Wall-clock seconds. The only part of a run that differs between two identical runs. */
export const RunTiming = z.strictObject({
  trainSeconds: z.number().min(0),
  evaluateSeconds: z.number().min(0),
  controlSeconds: z.number().min(0),
  /** Of that, what `measures` took. */
  measureSeconds: z.number().min(0).default(0),
  /** Training images per second over all epochs. */
  imagesPerSecond: z.number().min(0),
});

export const Run = z.strictObject({
  /** Id of the protocol document. */
  protocol: Digest,
  arch: z.string().max(200),
  /** Canonical regularizers, `none` when there are none. */
  regs: z.string().max(200),
  seed: Count,
  status: z.enum(["completed", "diverged"]),
  /** The taps that a custom architecture declares; null for one that `arch` names. */
  customTaps: TapNames.nullable().default(null),
  /** Parameters of trunk and class head. */
  params: Count,
  /** Samples in the training subset (m) and in the test set. */
  trainSamples: Count,
  testSamples: Count,
  /** Finished epochs; of a diverged run those before the loss left the finite numbers. */
  epochs: z.array(EpochCounts),
  /** Null for a diverged run. */
  final: FinalCounts.nullable(),
  heads: z.array(HeadCounts).nullable(),
  /** One for each draw at the headline n; none where the protocol has none. */
  frozenHeads: z.array(FrozenHeadCounts).nullable(),
  controls: Controls.nullable(),
  /** Null for a diverged run, and where `--measures` was not asked for. */
  measures: RunMeasures.nullable().default(null),
  timing: RunTiming,
});
export type Run = z.infer<typeof Run>;
