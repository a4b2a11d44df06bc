/** @file The fields of a protocol, each with its own bounds. */

import { z } from "zod";
import { DATASET_NAMES } from "./datasets.ts";
import { Digest } from "./run.ts";

const size = (max: number) => z.int().min(1).max(max);
const share = z.number().min(0).max(1);
const positive = z.number().positive();

/** Weight decay is coupled (added to the gradient) for SGD, decoupled for AdamW. */
const Optimizer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sgd"), momentum: share }),
  z.strictObject({
    kind: z.literal("adamw"),
    betas: z.tuple([share, share]),
    epsilon: positive,
  }),
]);

/** What `aug` does to a training image. */
const Augmentation = z.discriminatedUnion("kind", [
  /** Mirrored with probability `flip`; cropped at random from the normalised image padded with zeros. */
  z.strictObject({ kind: z.literal("flip-crop"), flip: share, pad: z.int().min(0).max(64) }),
  /** RandomResizedCrop: area and aspect ratio of the cut drawn from these ranges. */
  z.strictObject({
    kind: z.literal("flip-resized-crop"),
    flip: share,
    area: z.tuple([share, share]),
    aspect: z.tuple([positive, positive]),
  }),
]);

/** How an image is seen without augmentation, in evaluation always. */
const View = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("whole") }),
  /** The shorter side resized to this, then the middle. */
  z.strictObject({ kind: z.literal("center-crop"), shorterSide: size(4096) }),
]);

/** `draws` independent labellings over n labels, predicted from every tap or from the last. */
const HeadPlan = z.strictObject({
  n: z.int().min(2).max(1_000_000),
  draws: size(64),
  taps: z.enum(["all", "last"]),
});

const Initialization = z.strictObject({
  dense: z.literal("he-normal-fan-in"),
  convolution: z.literal("he-normal-fan-in"),
  /** Convolutions of residual networks. */
  residualConvolution: z.literal("he-normal-fan-out"),
  bias: z.literal("zero"),
  /** Standard deviation 1/sqrt(D). */
  classHead: z.literal("normal-1/sqrt(D)"),
  randomLabelHead: z.literal("zero"),
});

/** What is measured at the end (method.md section 4). */
const Measures = z.strictObject({
  /** Ridge penalty of the refits, and the largest label space they are made for. */
  refit: z.strictObject({ penalty: positive, largestN: z.int().min(2) }),
  spectrum: z.strictObject({ penalties: z.array(positive).min(1).max(16) }),
});

export const ProtocolFields = z.strictObject({
  /** An alias, `+custom` behind it when derived. Boards go by the id. */
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*(\+custom)?$/)
    .max(64),
  dataset: z.enum(DATASET_NAMES),
  /** Of the full splits as decoded; null: not pinned. */
  digests: z.strictObject({ train: Digest.nullable(), test: Digest.nullable() }),
  classes: z.int().min(2).max(65_536),
  /** As the network sees it. */
  image: z.strictObject({ height: size(4096), width: size(4096), channels: size(64) }),
  /** The first `perClass` training images of each class in official order; null: all. */
  subset: z.strictObject({ perClass: size(1_000_000) }).nullable(),
  epochs: size(100_000),
  batch: size(65_536),
  optimizer: Optimizer,
  /** peak * min(1, (t+1)/(rampEpochs S)) * (1 + cos(pi t/T))/2 at step t of T, S steps an epoch. */
  learningRate: z.strictObject({
    peak: positive.max(100),
    rampEpochs: z.number().min(0),
    decay: z.literal("cosine"),
  }),
  /** Largest joint norm of the gradients of trunk and class head; null: not clipped. */
  clipNorm: positive.nullable(),
  normalize: z.strictObject({ mean: z.array(z.number()), std: z.array(positive) }),
  view: View,
  augmentation: Augmentation,
  /** Of an image losing its square, where `cutout=` is given. */
  cutoutProbability: share,
  heads: z.array(HeadPlan).min(1).max(16),
  /** The n of the headline complexity, and the n that `rl=` acts on. */
  headline: z.int().min(2),
  /** A head reads z / sqrt(v + epsilon), v <- decay v + (1 - decay) mean(z^2). */
  headInput: z.literal("rms"),
  headRms: z.strictObject({ decay: share, epsilon: positive }),
  headOptimizer: z.strictObject({ kind: z.literal("sgd"), momentum: share }),
  initialization: Initialization,
  batchNorm: z.strictObject({ momentum: share, epsilon: positive }),
  layerNorm: z.strictObject({ epsilon: positive }),
  /** What the regularizer `recipe` stands for; null: it is not allowed here. */
  recipe: z
    .strictObject({
      weightDecay: z.number().min(0).max(1),
      augment: z.boolean(),
      cutout: z.int().min(0).max(224),
    })
    .nullable(),
  panelSeeds: z.array(z.int().min(0)).min(1).max(64),
  freshSeeds: z.int().min(0).max(64),
  challengeDays: size(366),
  /**
   * A reproduction agrees when both its means are this near the entry's. It disagrees when one is not and Welch's t-test
   * of its runs against the entry's rejects at 5 %; otherwise it is inconclusive.
   */
  tolerance: z.strictObject({ complexity: share, testAccuracy: share }),
  minimumHarness: z.string().regex(/^\d+\.\d+\.\d+$/),
  measures: Measures,
});
export type ProtocolFields = z.infer<typeof ProtocolFields>;
