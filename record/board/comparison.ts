/** @file Configurations side by side: paired differences over shared seeds, and what they allow to be said. */

import { z } from "zod";
import type { Outcome } from "../summary.ts";
import {
  holm,
  holmLevels,
  mean,
  signFlipTest,
  tQuantile,
  tTwoSided,
  variance,
} from "../statistics/t-interval.ts";
import { leastVariance } from "../least-variance.ts";
import { Interval } from "../statistics/interval.ts";
import { noncentralityFound } from "../statistics/power.ts";
import { FEWEST_SEEDS, QUANTITIES, type Quantity } from "./comparison-words.ts";

const SIGNIFICANT = 0.05;
const POWER = 0.8;

export const Comparison = z.strictObject({
  quantity: z.enum(QUANTITIES),
  /** Places of the two among the outcomes compared, from 0. */
  a: z.int().min(0),
  b: z.int().min(0),
  /** Completed in both. */
  seeds: z.array(z.int().min(0)),
  /**
   * a minus b, with its 95 % t-interval, uncorrected; null without a shared seed. The variance is taken for no smaller
   * than what rounding to whole counts gives, so no interval has width zero.
   */
  difference: Interval.nullable(),
  /** Do both have the same value with every shared seed? */
  identical: z.boolean(),
  /** Paired t-test, Holm-corrected over all pairs and quantities compared together; null with too few seeds. */
  p: z.number().min(0).max(1).nullable(),
  /** Exact sign-flip test, uncorrected; from 8 pairs. */
  signFlipP: z.number().min(0).max(1).nullable(),
  /**
   * What an observed difference had to exceed: the t-interval's half-width at the level that Holm's procedure holds this
   * p against. A true difference of this size is found about half the time. Null with too few seeds.
   */
  criticalDifference: z.number().min(0).nullable(),
  /**
   * The true difference that is found with power .8, at the same level and number of seeds, if the differences spread as
   * much as these do. Null with too few seeds.
   */
  detectableDifference: z.number().min(0).nullable(),
  verdict: z.enum(["a is higher", "a is lower", "not distinguishable", "too few shared seeds"]),
});
export type Comparison = z.infer<typeof Comparison>;

type Pair = readonly [a: number, b: number];

interface Compared {
  /** The protocol's n, for the step of complexity and capacity. */
  headline: number;
  /** By place; every pair unless given. A board shows each regularizer against `none` only. */
  pairs?: readonly Pair[];
  /** Every one unless given. */
  quantities?: readonly Quantity[];
}

/**
 * Pairs of outcomes, quantity by quantity; the outcomes must be of one protocol. Everything asked for together is one
 * family: Holm's correction is over every pair in every quantity that has seeds enough.
 */
export function compareOutcomes(
  outcomes: readonly Outcome[],
  { headline, pairs = everyPair(outcomes), quantities = QUANTITIES }: Compared,
): Comparison[] {
  if (new Set(outcomes.map(({ protocolId }) => protocolId)).size > 1)
    throw new RangeError("outcomes of different protocols cannot be compared");
  return corrected(
    quantities.flatMap((quantity) =>
      pairs.map(([a, b]) => measurePair(outcomes, a, b, quantity, headline)),
    ),
  );
}

function everyPair(outcomes: readonly Outcome[]): Pair[] {
  return outcomes.flatMap((_, a) => outcomes.slice(a + 1).map((_, i) => [a, a + 1 + i] as const));
}

/** A pair before it is judged among the others. */
interface MeasuredPair {
  comparison: Comparison;
  /** Standard error of the mean difference; null with a single seed. */
  error: number | null;
}

function measurePair(
  outcomes: readonly Outcome[],
  a: number,
  b: number,
  quantity: Quantity,
  headline: number,
): MeasuredPair {
  const values = (place: number) =>
    new Map(
      outcomes[place]!.runs.flatMap((run) => {
        const value = run[quantity];
        return value === null ? [] : [[run.seed, value] as const];
      }),
    );
  const [first, second] = [values(a), values(b)];
  const seeds = [...first.keys()].filter((seed) => second.has(seed));
  const differences = seeds.map((seed) => first.get(seed)! - second.get(seed)!);
  const run = outcomes[a]!.runs[0];
  // of two numbers, each with steps of its own
  const least = run === undefined ? 0 : 2 * leastVariance(quantity, { headline, ...run.counts });
  const error =
    differences.length < 2 ? null : Math.sqrt(variance(differences, least) / differences.length);
  const comparison: Comparison = {
    quantity,
    a,
    b,
    seeds,
    difference: seeds.length === 0 ? null : intervalOf(differences, error),
    identical: seeds.length > 0 && differences.every((difference) => difference === 0),
    p: null,
    signFlipP: signFlipTest(differences),
    criticalDifference: null,
    detectableDifference: null,
    verdict: "too few shared seeds",
  };
  return { comparison, error };
}

function intervalOf(differences: readonly number[], error: number | null): Interval {
  const [center, count] = [mean(differences), differences.length];
  if (error === null) return { mean: center, low: null, high: null, count };
  const half = tQuantile(0.95, count - 1) * error;
  return { mean: center, low: center - half, high: center + half, count };
}

/** Holm over all that can be tested; the words follow the test. */
function corrected(measured: readonly MeasuredPair[]): Comparison[] {
  const testable = measured.filter(({ comparison }) => comparison.seeds.length >= FEWEST_SEEDS);
  const values = testable.map(({ comparison: { difference, seeds }, error }) =>
    tTwoSided(difference!.mean / error!, seeds.length - 1),
  );
  const [adjusted, levels] = [holm(values), holmLevels(values, SIGNIFICANT)];
  const places = new Map(testable.map((pair, at) => [pair, at]));
  return measured.map((pair) => {
    const { comparison, error } = pair;
    const at = places.get(pair);
    if (at === undefined) return comparison;
    const [p, level, df] = [adjusted[at]!, levels[at]!, comparison.seeds.length - 1];
    return {
      ...comparison,
      p,
      criticalDifference: tQuantile(1 - level, df) * error!,
      detectableDifference: noncentralityFound(level, df, POWER) * error!,
      verdict: verdict(comparison, p),
    };
  });
}

function verdict({ difference }: Comparison, p: number): Comparison["verdict"] {
  if (p >= SIGNIFICANT) return "not distinguishable";
  return difference!.mean > 0 ? "a is higher" : "a is lower";
}
