/** @file Q4: how much of capacity's variance is the labelling's, how much the seed's (docs/replication-plan.md). */

import { percentile, seededRandom } from "../statistics/kendall-tau.ts";
import { mean, variance } from "../statistics/t-interval.ts";

/** Components of variance of A, a redraw's of one seed being s + l: seed and labelling. */
export interface LabellingVariance {
  /** Within a run, over labellings: the mean over runs of their own variance. */
  labelling: number;
  /** Over seeds: that of the runs' means less what their labellings give it. Unbiased, so below 0 at times. */
  seed: number;
  /** labelling over seed; null where the seed's is not above 0. */
  ratio: number | null;
}

/**
 * A one-way analysis of variance with random effects (Searle, Casella and McCulloch, Variance Components, chapter 3).
 *
 * @param redraws A of each redraw, for each seed's run: equally many, two or more; two runs or more.
 */
export function labellingVariance(redraws: readonly (readonly number[])[]): LabellingVariance {
  return componentsOf(redraws.map(momentsOf));
}

interface Moments {
  mean: number;
  variance: number;
  count: number;
}

const momentsOf = (values: readonly number[]): Moments => ({
  mean: mean(values),
  variance: variance(values),
  count: values.length,
});

function componentsOf(runs: readonly Moments[]): LabellingVariance {
  const labelling = mean(runs.map(({ variance }) => variance));
  const seed = variance(runs.map(({ mean }) => mean)) - labelling / runs[0]!.count;
  return { labelling, seed, ratio: seed > 0 ? labelling / seed : null };
}

/** Null: not bounded. */
export interface Bounds {
  low: number | null;
  high: number | null;
}

const RESAMPLES = 10_000;
const SEED = 20_180_807;

/**
 * A percentile bootstrap of whole runs: the 2.5 % and 97.5 % points of each component over resamples of the seeds, from
 * the same random numbers always. A resample whose seed component is not above 0 has an unbounded ratio.
 */
export function labellingVarianceBounds(
  redraws: readonly (readonly number[])[],
): Record<keyof LabellingVariance, Bounds> {
  const runs = redraws.map(momentsOf);
  const random = seededRandom(SEED);
  const drawn = Array.from({ length: RESAMPLES }, () =>
    componentsOf(runs.map(() => runs[Math.floor(random() * runs.length)]!)),
  );
  const bounds = (values: readonly number[]): Bounds => {
    const sorted = values.toSorted((a, b) => a - b);
    const [low, high] = [0.025, 0.975].map((share) => percentile(sorted, share));
    return { low: finite(low!), high: finite(high!) };
  };
  return {
    labelling: bounds(drawn.map(({ labelling }) => labelling)),
    seed: bounds(drawn.map(({ seed }) => seed)),
    ratio: bounds(drawn.map(({ ratio }) => ratio ?? Number.POSITIVE_INFINITY)),
  };
}

const finite = (value: number) => (Number.isFinite(value) ? value : null);
