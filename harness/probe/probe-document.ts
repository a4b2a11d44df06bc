/** @file What a probe finds: the document of `rademark probe --json`. */

import { z } from "zod";
import { EquivalentWidthBound } from "../../record/metrics-schema.ts";
import { NullRungs, Spectrum } from "../../record/run.ts";

/** Ridge penalty of every regression (method.md section 4). */
export const PENALTY = 1e-3;

/** Random labellings that a capacity is the mean over. */
export const REDRAWS = 8;

const Count = z.int().min(0);
const Share = z.number().min(0).max(1);

/** Number and share of the samples that are predicted correctly. */
const Accuracy = z.strictObject({ correct: Count, accuracy: Share });

/** Ridge refits of random labels among the training samples. */
const Refit = z.strictObject({
  n: z.int().min(2),
  /** Samples that are right, for redraws 0..7. */
  redraws: z.array(Count).length(REDRAWS),
  /** Mean share over the redraws. */
  accuracy: Share,
  /** (accuracy - 1/n) / (1 - 1/n): 0 is chance, 1 is everything. */
  capacity: z.number().max(1),
  /** The width of a shapeless cloud of as many samples that gives the same accuracy. */
  equivalentWidth: z.strictObject({
    width: z.number().min(0),
    /** Null unless the width is a bound only. */
    bound: EquivalentWidthBound.nullable(),
  }),
});

export const TapDocument = z.strictObject({
  /** From 1, in order of depth as the names sort. */
  tap: z.int().min(1),
  /** The tensor's name in its file; null in a .npy file. */
  name: z.string().nullable(),
  /** D. */
  width: z.int().min(1),
  refit: z.array(Refit),
  /** The rungs of the null, accuracies: a shapeless cloud of this width, one of this spectrum, one of these leverages. */
  null: z.array(NullRungs.omit({ tap: true })),
  ...Spectrum.shape,
  /** The same ridge regression on the class labels; null without them. */
  classes: z.strictObject({ train: Accuracy, test: Accuracy.nullable() }).nullable(),
});
export type TapDocument = z.infer<typeof TapDocument>;

/** Why some numbers do not mean what they seem to (docs/probe.md lists the codes). */
export const ProbeNotice = z.strictObject({
  code: z.enum([
    "features-do-not-vary",
    "features-are-rounded",
    "width-fits-any-labels",
    "one-feature",
    "few-samples-a-label",
    "one-random-label",
    "few-samples-a-class",
    "commonest-class",
    "unseen-test-classes",
    "absent-test-classes",
    "one-test-class",
    "test-features-do-not-vary",
    "test-features-are-rounded",
    "test-is-training",
    "tensors-without-elements",
  ]),
  /** JSON pointers into the document; one to an object means all numbers in it. */
  numbers: z.array(z.string()).min(1),
  /** A sentence for people. */
  message: z.string(),
});
export type ProbeNotice = z.infer<typeof ProbeNotice>;

export const ProbeDocument = z.strictObject({
  /** Version of this document's layout. */
  probe: z.literal(2),
  /** Paths as given. */
  features: z.string(),
  testFeatures: z.string().nullable(),
  samples: z.int().min(2),
  testSamples: Count.nullable(),
  /** Different class labels in training. */
  classCount: z.int().min(2).nullable(),
  /** Seed of the random labels; sample i is row i. */
  seed: Count,
  /** Ridge penalty of every regression. */
  penalty: z.number().positive(),
  taps: z.array(TapDocument).min(1),
  notices: z.array(ProbeNotice),
  seconds: z.number().min(0),
});
export type ProbeDocument = z.infer<typeof ProbeDocument>;
