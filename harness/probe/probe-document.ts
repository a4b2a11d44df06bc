/** @file What a probe finds: the document of `rademark probe --json`. */

import { z } from "zod";
import method from "../../record/method.json" with { type: "json" };
import { EquivalentWidthBound } from "../../record/metrics-schema.ts";
import { NullRungs, Spectrum } from "../../record/run.ts";
import { PairedTest } from "../../record/statistics/paired-tests.ts";

/** Ridge penalty of every regression (method.md section 4). */
export const PENALTY = method.refit.penalty;

/** Ridge penalties at which the effective dimension is reported. */
export const PENALTIES = method.spectrum.penalties;

/** Redraws that a capacity is the mean over, unless more or fewer are asked for: those of a run. */
export const REDRAWS = method.refit.redraws;

/** Redraws that may be asked for. */
export const MOST_DRAWS = method.probe.mostDraws;

/** Feature files side by side: ten pairs. */
export const MOST_FILES = 5;

/** Version of the document's layout. */
export const LAYOUT = method.probe.layout;

const Count = z.int().min(0);
const Share = z.number().min(0).max(1);
const Digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Number and share of the samples that are predicted correctly. */
const Accuracy = z.strictObject({ correct: Count, accuracy: Share });

/** The width of a shapeless cloud of as many samples that gives the same accuracy. */
const EquivalentWidth = z.strictObject({
  width: z.number().min(0),
  /** Null unless the width is a bound only. */
  bound: EquivalentWidthBound.nullable(),
});

const ends = <Value extends z.ZodType>(value: Value) => z.strictObject({ low: value, high: value });

/** Ridge refits of random labels among the training samples. */
const Refit = z.strictObject({
  n: z.int().min(2),
  /** Samples that are right under the told labelling, draw 0; null unless it was asked for. */
  told: Count.nullable(),
  /** Samples that are right, for redraws 0..K-1. */
  redraws: z.array(Count).min(1).max(MOST_DRAWS),
  /** Mean share over the redraws. */
  accuracy: Share,
  /** (accuracy - 1/n) / (1 - 1/n): 0 is chance, 1 is everything. */
  capacity: z.number().max(1),
  equivalentWidth: EquivalentWidth,
  /**
   * 95 % t-intervals of the means over redraws: other labellings of these features, and nothing else. Null with one redraw.
   * Those of the equivalent width are the widths at the accuracy's ends.
   */
  interval: z
    .strictObject({
      accuracy: ends(z.number()),
      capacity: ends(z.number()),
      equivalentWidth: ends(EquivalentWidth),
    })
    .nullable(),
  /** A of the told labelling minus the mean A of the redraws. */
  selectivity: z.number().min(-2).max(2).nullable(),
  /** Exact two-sided p of the told labelling's rank among its redraws and itself. */
  selectivityP: Share.nullable(),
});

export const TapDocument = z.strictObject({
  /** Its file's place in `files`, from 0. */
  file: Count,
  /** From 1, in order of depth as the names sort. */
  tap: z.int().min(1),
  /** The tensor's name in its file; null in a .npy file. */
  name: z.string().nullable(),
  /** D. */
  width: z.int().min(1),
  refit: z.array(Refit).min(1),
  /** The rungs of the null, accuracies: a shapeless cloud of this width, one of this spectrum, one of these leverages. */
  null: z.array(NullRungs.omit({ tap: true })),
  ...Spectrum.shape,
  /** The same ridge regression on the class labels; null without them. */
  classes: z.strictObject({ train: Accuracy, test: Accuracy.nullable() }).nullable(),
});
export type TapDocument = z.infer<typeof TapDocument>;

/** Two taps in one label space; their pairs are the capacities under one redraw. */
export const ProbeComparison = z.strictObject({
  n: z.int().min(2),
  /** Places of the two in `taps`, from 0. */
  a: Count,
  b: Count,
  /** Redraws 0..K-1 of both. */
  draws: z.int().min(1),
  ...PairedTest.shape,
  /** A of the shapeless cloud of a's width minus that of b's: what width alone does. */
  cloudDifference: z.number(),
  verdict: z.enum(["a is higher", "a is lower", "not distinguishable", "too few draws"]),
});
export type ProbeComparison = z.infer<typeof ProbeComparison>;

/** Why some numbers do not mean what they seem to (docs/probe.md lists the codes). */
export const ProbeNotice = z.strictObject({
  code: z.enum([
    "features-do-not-vary",
    "features-are-rounded",
    "width-fits-any-labels",
    "one-feature",
    "few-samples-a-label",
    "one-random-label",
    "few-draws",
    "same-features",
    "widths-differ",
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
  probe: z.literal(LAYOUT),
  /** Paths of the features. */
  files: z
    .array(z.strictObject({ features: z.string(), testFeatures: z.string().nullable() }))
    .min(1)
    .max(MOST_FILES),
  samples: z.int().min(2),
  testSamples: Count.nullable(),
  /** Different class labels in training. */
  classCount: z.int().min(2).nullable(),
  /** Seed of the random labels. */
  seed: Count,
  /** K, of every label space. */
  draws: z.int().min(1).max(MOST_DRAWS),
  /**
   * Which samples the rows are. The digest is of their numbers, ascending, in decimal, each followed by a line feed.
   * Without a file row i is sample i.
   */
  index: z.strictObject({ file: z.string().nullable(), sha256: Digest }),
  /** The training classes; the digest is of the labels in ascending order of the samples, written likewise. */
  labels: z.strictObject({ file: z.string(), sha256: Digest }).nullable(),
  /** Ridge penalty of every regression. */
  penalty: z.number().positive(),
  /** File by file. */
  taps: z.array(TapDocument).min(1),
  /** Pairs of files: tap by tap where all have as many taps, else their last taps. Empty with one file. */
  comparisons: z.array(ProbeComparison),
  notices: z.array(ProbeNotice),
  seconds: z.number().min(0),
});
export type ProbeDocument = z.infer<typeof ProbeDocument>;
