/**
 * @file The variance that a number has at least, as counts move in steps (trust.md section 4).
 *
 * A few seeds can agree in every count by chance. What they spread is then not known to be nothing, only to be less
 * than one count: a number on a grid of step g stands for all within half a step, and that alone has variance g^2/12.
 */

import type { RunMetrics, RunNumbers } from "./metrics-schema.ts";
import type { Protocol } from "./protocols.ts";
import { cloudOfWidth, nullAccuracy } from "./statistics/null-accuracy.ts";
import { type Sample, mean, sampleOf } from "./statistics/t-interval.ts";

/** Null where a run lacks the number, or where there is no run. */
export function sampleOfRuns(
  runs: readonly RunMetrics[],
  name: keyof RunNumbers | "effectiveRank",
  { headline }: Pick<Protocol, "headline">,
): Sample | null {
  const values = runs.map((run) =>
    name === "effectiveRank" ? (run.controls?.effectiveRank ?? null) : run[name],
  );
  const present = values.filter((value) => value !== null);
  if (present.length === 0 || present.length < values.length) return null;
  return sampleOf(present, leastVariance(name, { headline, ...runs[0]!.counts }, mean(present)));
}

/** What the steps of a run's numbers follow from. */
export interface Counted {
  /** n of the headline. */
  headline: number;
  trainSamples: number;
  testSamples: number;
}

/**
 * 0 for a number without a step: losses, bits, seconds, effective rank, rungs of the null.
 *
 * @param mean of an equivalent width, on which its step depends; of no use for other numbers.
 */
export function leastVariance(
  name: keyof RunNumbers | "effectiveRank",
  counted: Counted,
  mean = 0,
): number {
  return varianceOfSteps(...(STEPS[name]?.(counted, mean) ?? []));
}

/** Numbers of one head, or of one place's refits. */
export type CountedAt =
  "online" | "final" | "unseen" | "normalized" | "bits" | "accuracy" | "capacity" | "told";

/** The same for a number at some n. */
export function leastVarianceAt(name: CountedAt, n: number, samples: number): number {
  if (name === "bits") return 0;
  const isNormalized = name === "normalized" || name === "capacity";
  return varianceOfSteps(isNormalized ? normalizedStep(n, samples) : 1 / samples);
}

/** @param steps of the numbers that one is the sum or difference of. */
function varianceOfSteps(...steps: number[]): number {
  return steps.reduce((sum, step) => sum + (step * step) / 12, 0);
}

/** What one count moves A by. */
function normalizedStep(n: number, samples: number): number {
  return n / ((n - 1) * samples);
}

type Steps = (counted: Counted, mean: number) => number[];

const onTraining: Steps = ({ trainSamples }) => [1 / trainSamples];
const onTest: Steps = ({ testSamples }) => [1 / testSamples];
const ofA: Steps = ({ headline, trainSamples }) => [normalizedStep(headline, trainSamples)];
const ofTwoA: Steps = (counted, mean) => [...ofA(counted, mean), ...ofA(counted, mean)];

const STEPS: Readonly<Partial<Record<keyof RunNumbers | "effectiveRank", Steps>>> = {
  trainAccuracy: onTraining,
  cleanTrainAccuracy: onTraining,
  testAccuracy: onTest,
  gap: (counted, mean) => [...onTraining(counted, mean), ...onTest(counted, mean)],
  learnedComplexity: ofA,
  regularizedComplexity: ofA,
  frozenComplexity: ofA,
  learnedMinusFrozen: ofTwoA,
  capacity: ofA,
  frozenCapacity: ofA,
  capacityMinusFrozen: ofTwoA,
  capacityMinusLeverages: ofA,
  selectivity: ofTwoA,
  equivalentWidth: widthSteps,
};

/** Narrower clouds are no width at all. */
const NARROWEST = 1e-6;

/** One count over what the accuracy of a cloud gains by one dimension more. */
function widthSteps({ headline, trainSamples }: Counted, mean: number): number[] {
  const from = Math.min(Math.max(mean, NARROWEST), trainSamples - 2);
  const [here, wider] = [from, from + 1].map((width) =>
    nullAccuracy(trainSamples, headline, cloudOfWidth(width, trainSamples)),
  );
  const gain = wider! - here!;
  return gain > 0 ? [1 / trainSamples / gain] : [];
}
