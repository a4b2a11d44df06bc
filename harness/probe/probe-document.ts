/** @file What a probe finds: the document of `rademark probe --json`. */

import { z } from "zod";
import { NullRungs, Spectrum } from "../../record/run.ts";

/** Ridge penalty of every regression (method.md section 4). */
export const PENALTY = 1e-3;

const Count = z.int().min(0);
const Share = z.number().min(0).max(1);

/** Number and share of the samples that are predicted correctly. */
const Accuracy = z.strictObject({ correct: Count, accuracy: Share });

/** A ridge refit of random labels, draw 0, among the training samples. */
const Refit = Accuracy.extend({
  n: z.int().min(2),
  /** (accuracy - 1/n) / (1 - 1/n): 0 is chance, 1 is everything. */
  normalized: z.number().max(1),
});

export const TapDocument = z.strictObject({
  /** From 1, in order of depth as the names sort. */
  tap: z.int().min(1),
  /** The tensor's name in its file; null in a .npy file. */
  name: z.string().nullable(),
  /** D. */
  width: z.int().min(1),
  refit: z.array(Refit),
  /** What generic clouds of this width, and of this ridge dimension, would give. */
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
  probe: z.literal(1),
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
