/** @file Other measures of a run's network and features (method.md section 5); declared, but for their counts. */

import { z } from "zod";

/** Of the definitions in method.md section 5; whoever changes one raises it, and numbers of two versions are never compared. */
export const MEASURES_VERSION = 1;

const Count = z.int().min(0);
const norm = z.number().min(0);

/** Test images, and how many of them are predicted as their class. */
const Hits = z.strictObject({ images: Count, correct: Count });

/** Beyond, `layers` is null: only a custom network has so many. */
export const MOST_LAYERS = 1000;

/** A layer of the network as evaluated (BatchNorm folded in): a matrix W, and W0 at initialization. */
export const LayerNorms = z.strictObject({
  /** Largest singular value of W, a convolution's filter as the matrix [K K I, O]. */
  spectral: norm,
  frobenius: norm,
  /** The same of W - W0. */
  spectralDistance: norm,
  frobeniusDistance: norm,
});
export type LayerNorms = z.infer<typeof LayerNorms>;

/** Largest number of samples that the flatness is measured on. */
export const FLATNESS_SAMPLES = 500;

/** Ends of the range that sigma is looked for in; the value next to an end stands for whatever lies beyond. */
export const SIGMA_RANGE = { low: 2 ** -14, high: 2 ** 2 } as const;

export const Flatness = z.strictObject({
  /** Largest standard deviation of noise on all weights that costs at most a tenth of accuracy. */
  sigma: z.number().min(SIGMA_RANGE.low).max(SIGMA_RANGE.high),
  /** Of so many training samples, this many are predicted as trained on without noise. */
  samples: z.int().min(1).max(FLATNESS_SAMPLES),
  correct: Count,
});

/** Numbers have seven significant digits. */
export const RunMeasures = z.strictObject({
  version: z.literal(MEASURES_VERSION),
  /** Tenth percentile, over the training samples, of the label's logit minus the largest other. */
  margin: z.number(),
  /** In the order in which the network makes them; the class head is the last. */
  layers: z.array(LayerNorms).min(1).max(MOST_LAYERS).nullable(),
  /** Null where it is not defined (vit, mixer, custom), and where it leaves the finite numbers of float32. */
  pathNorm: norm.nullable(),
  flatness: Flatness,
  /** Of the last tap's features and the classes trained on; null where two classes have one centre, or one class alone is there. */
  daviesBouldin: norm.nullable(),
  /** Of so many means of two training images of one class, this many are predicted as that class. */
  mixup: z.strictObject({ pairs: Count, correct: Count }),
  /**
   * Of the training samples whose class `noise=` has changed, how many are predicted as trained on, how many as their
   * data set says. Null without label noise.
   */
  noisyLabels: z.strictObject({ changed: Count, fitted: Count, asTrue: Count }).nullable(),
  /** Of the training samples that `canary=` has put in, how many are predicted as trained on. Null without them. */
  canaries: z.strictObject({ samples: Count, fitted: Count }).nullable(),
  /**
   * Of the test images that have a near-duplicate in the full training set (near-duplicates.json): those whose
   * near-duplicate is among the samples trained on, and the others. Null where the data set has no such list.
   */
  nearDuplicates: z.strictObject({ trained: Hits, others: Hits }).nullable(),
});
export type RunMeasures = z.infer<typeof RunMeasures>;
