/** @file The regularizers: what each is, its bounds, how it is written (method.md sections 3 and 6). */

import { z } from "zod";

const strength = (max: number) => z.number().min(0).max(max);

/**
 * How the trunk is kept from telling random labels (method.md section 3).
 * `log1m`: -log(1 - p_r). `confusion`: cross-entropy to uniform. `reversal`: +log p_r.
 */
export const RandomLabelForm = z.enum(["log1m", "confusion", "reversal"]);
export type RandomLabelForm = z.infer<typeof RandomLabelForm>;

/** Every regularizer, complete: 0 or false means absent. */
export const Regularizers = z.strictObject({
  /** The protocol's own weight decay and augmentation; excludes naming them (see `expandRecipe`). */
  recipe: z.boolean(),
  /** Coupled for SGD, decoupled for AdamW; on every parameter of trunk and class head. */
  weightDecay: strength(1),
  /** Share of activations set to zero. */
  dropout: strength(0.95),
  /** Share of the class target spread evenly over all classes. */
  labelSmoothing: strength(0.95),
  /** The protocol's flip and crop. */
  augment: z.boolean(),
  /** Side in pixels of the square set to zero. */
  cutout: z.int().min(0).max(224),
  /** Alpha of Beta(alpha, alpha). With cutmix, too, a fair coin decides which at each step. */
  mixup: strength(10),
  /** Alpha of Beta(alpha, alpha). */
  cutmix: strength(10),
  /** Radius rho of sharpness-aware minimisation. */
  sam: strength(10),
  /** Suppression of the last tap's (or `tap`'s) random labels; acts on draw 0 at the headline n. */
  randomLabel: z.strictObject({
    lambda: strength(10_000),
    form: RandomLabelForm,
    /** From 1; null for the last. */
    tap: z.int().min(1).max(64).nullable(),
  }),
  /** Chance that a training label is another class, each of the others alike. Data, but swept the same way. */
  noise: strength(1),
});
export type Regularizers = z.infer<typeof Regularizers>;

/** Training with nothing but the protocol. */
export const NO_REGULARIZERS: Regularizers = {
  recipe: false,
  weightDecay: 0,
  dropout: 0,
  labelSmoothing: 0,
  augment: false,
  cutout: 0,
  mixup: 0,
  cutmix: 0,
  sam: 0,
  randomLabel: { lambda: 0, form: "log1m", tap: null },
  noise: 0,
};

/** How each is written, in canonical order. */
export const FIELDS = {
  recipe: { key: "recipe", form: "recipe", about: "the protocol's weight decay and augmentation" },
  wd: { key: "weightDecay", form: "wd=0.005", about: "weight decay, 0 to 1" },
  dropout: { key: "dropout", form: "dropout=0.5", about: "dropout, 0 to 0.95" },
  ls: { key: "labelSmoothing", form: "ls=0.1", about: "label smoothing, 0 to 0.95" },
  aug: { key: "augment", form: "aug", about: "the protocol's flip and crop" },
  cutout: { key: "cutout", form: "cutout=16", about: "side in whole pixels, 0 to 224" },
  mixup: { key: "mixup", form: "mixup=0.2", about: "alpha of Beta(alpha, alpha), 0 to 10" },
  cutmix: { key: "cutmix", form: "cutmix=1", about: "alpha of Beta(alpha, alpha), 0 to 10" },
  sam: { key: "sam", form: "sam=0.05", about: "sharpness-aware radius, 0 to 10" },
  rl: {
    key: "randomLabel",
    form: "rl=10[:log1m|confusion|reversal][@TAP]",
    about: "random-label suppression, lambda 0 to 10000",
  },
  noise: { key: "noise", form: "noise=0.2", about: "share of noisy training labels, 0 to 1" },
} as const satisfies Record<string, { key: keyof Regularizers; form: string; about: string }>;
export type FieldName = keyof typeof FIELDS;
