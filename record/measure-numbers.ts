/** @file The numbers made of a run's further measures (method.md section 5). Without a validator, for pages. */

import type { LayerNorms, RunMeasures } from "./run-measures.ts";
import type { Run } from "./run.ts";

export interface MeasureNumber {
  /** For a column's head. */
  title: string;
  /** Is it more than counts of samples? Then nobody can recompute it from the record. */
  declared: boolean;
  /** Is it made of the train accuracy or the train loss, as the gap is? And the reason why, or why not. */
  coupled: boolean;
  couplingReason: string;
  /** Null where the run does not have it. */
  of: (run: Measured) => number | null;
  /** Of how many samples it is a share; null for what is none. */
  samples: (run: Measured) => number | null;
}

type Measured = Pick<Run, "measures">;

const SCORES = "It is made of the very class scores that the gap's train accuracy is read off.";
const OF_MARGIN =
  "It is divided by the margin, which is made of the scores that decide the train accuracy.";
const OF_NOISE = "It is found by the train accuracy under noise on the weights.";
const WEIGHTS = "It is made of weights alone, without any prediction.";

const declaredNumber = (
  title: string,
  couplingReason: string,
  of: (measures: RunMeasures) => number | null,
): MeasureNumber => ({
  title,
  declared: true,
  coupled: couplingReason !== WEIGHTS,
  couplingReason,
  of: ({ measures }) => measures && finite(of(measures)),
  samples: () => null,
});

const shareOf = (
  title: string,
  couplingReason: string,
  counts: (measures: RunMeasures) => { part: number; whole: number } | null,
): MeasureNumber => {
  const known = ({ measures }: Measured) => measures && counts(measures);
  return {
    title,
    declared: false,
    coupled: true,
    couplingReason,
    of: (run) => {
      const { part, whole } = known(run) ?? { part: 0, whole: 0 };
      return whole > 0 ? part / whole : null;
    },
    samples: (run) => known(run)?.whole ?? null,
  };
};

/** Kendall's tau is that of any rising function of a measure: products are logarithms, which do not overflow. */
export const MEASURE_NUMBERS = {
  margin: declaredNumber("margin", SCORES, ({ margin }) => margin),
  spectralProduct: declaredNumber("spectral norms (log)", WEIGHTS, (measures) =>
    logProduct(measures, "spectral"),
  ),
  spectralProductOverMargin: declaredNumber(
    "spectral norms / margin (log)",
    OF_MARGIN,
    (measures) => minus(logProduct(measures, "spectral"), logSquaredMargin(measures)),
  ),
  frobeniusProduct: declaredNumber("Frobenius norms (log)", WEIGHTS, (measures) =>
    logProduct(measures, "frobenius"),
  ),
  frobeniusProductOverMargin: declaredNumber(
    "Frobenius norms / margin (log)",
    OF_MARGIN,
    (measures) => minus(logProduct(measures, "frobenius"), logSquaredMargin(measures)),
  ),
  stableRanks: declaredNumber("stable ranks", WEIGHTS, ({ layers }) =>
    sumOver(layers, ({ frobenius, spectral }) => (frobenius / spectral) ** 2),
  ),
  frobeniusDistance: declaredNumber("distance from initialization", WEIGHTS, ({ layers }) =>
    length(layers, "frobeniusDistance"),
  ),
  spectralDistance: declaredNumber("spectral distance", WEIGHTS, ({ layers }) =>
    length(layers, "spectralDistance"),
  ),
  pathNorm: declaredNumber("path norm (log)", WEIGHTS, logPathNorm),
  pathNormOverMargin: declaredNumber("path norm / margin (log)", OF_MARGIN, (measures) =>
    minus(logPathNorm(measures), logSquaredMargin(measures)),
  ),
  sharpness: declaredNumber("sharpness (log)", OF_NOISE, logSharpness),
  pacBayes: declaredNumber("PAC-Bayes (log)", OF_NOISE, (measures) => {
    const distance = length(measures.layers, "frobeniusDistance");
    return distance === null ? null : 2 * Math.log(distance / 2) + logSharpness(measures);
  }),
  daviesBouldin: {
    title: "Davies-Bouldin index",
    declared: true,
    coupled: false,
    couplingReason: "It is made of features and the classes trained on, without any prediction.",
    of: ({ measures }) => measures && measures.daviesBouldin,
    samples: () => null,
  },
  mixupAccuracy: shareOf(
    "mixup accuracy",
    "It counts predictions of means of training images.",
    ({ mixup }) => ({ part: mixup.correct, whole: mixup.pairs }),
  ),
  noisyLabelFit: shareOf(
    "fit of noisy labels",
    "It is the train accuracy on the samples whose labels were changed.",
    ({ noisyLabels }) => noisyLabels && { part: noisyLabels.fitted, whole: noisyLabels.changed },
  ),
  canaryFit: shareOf(
    "fit of canaries",
    "It is the train accuracy on the canaries.",
    ({ canaries }) => canaries && { part: canaries.fitted, whole: canaries.samples },
  ),
} as const satisfies Record<string, MeasureNumber>;

export type MeasureNumberName = keyof typeof MEASURE_NUMBERS;
export const MEASURE_NUMBER_NAMES = Object.keys(MEASURE_NUMBERS) as MeasureNumberName[];

/** No logarithm of zero, no division by it. */
const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);

const minus = (a: number | null, b: number | null) => (a === null || b === null ? null : a - b);

function sumOver(
  layers: readonly LayerNorms[] | null,
  of: (layer: LayerNorms) => number,
): number | null {
  return layers && layers.reduce((sum, layer) => sum + of(layer), 0);
}

/** Natural logarithm of the product of squared norms. */
function logProduct({ layers }: RunMeasures, norm: "spectral" | "frobenius"): number | null {
  return sumOver(layers, (layer) => 2 * Math.log(layer[norm]));
}

/** Of all layers as one vector. */
function length(
  layers: readonly LayerNorms[] | null,
  distance: "spectralDistance" | "frobeniusDistance",
): number | null {
  const squares = sumOver(layers, (layer) => layer[distance] ** 2);
  return squares === null ? null : Math.sqrt(squares);
}

/** Null where the margin is not positive: then norms over it say nothing. */
function logSquaredMargin({ margin }: RunMeasures): number | null {
  return margin > 0 ? 2 * Math.log(margin) : null;
}

function logPathNorm({ pathNorm }: RunMeasures): number | null {
  return pathNorm === null ? null : Math.log(pathNorm);
}

function logSharpness({ flatness }: RunMeasures): number {
  return -2 * Math.log(flatness.sigma);
}
