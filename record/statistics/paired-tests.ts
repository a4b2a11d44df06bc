/** @file Paired differences that are tested together: t-tests, Holm over all of them, what each could have found (trust.md section 4). */

import { z } from "zod";
import { Interval } from "./interval.ts";
import { noncentralityFound } from "./power.ts";
import {
  holm,
  holmLevels,
  mean,
  signFlipTest,
  tQuantile,
  tTwoSided,
  variance,
} from "./t-interval.ts";

const SIGNIFICANT = 0.05;
const POWER = 0.8;

export const PairedTest = z.strictObject({
  /**
   * a minus b, with its 95 % t-interval, uncorrected; null without a pair. The variance is taken for no smaller than what
   * rounding to whole counts gives, so no interval has width zero.
   */
  difference: Interval.nullable(),
  /** Do both have the same value in every pair? */
  identical: z.boolean(),
  /** Paired t-test, Holm-corrected over all that is compared together; null with too few pairs. */
  p: z.number().min(0).max(1).nullable(),
  /** Exact sign-flip test, uncorrected; from 8 pairs. */
  signFlipP: z.number().min(0).max(1).nullable(),
  /**
   * What an observed difference had to exceed: the t-interval's half-width at the level that Holm's procedure holds this
   * p against. A true difference of this size is found about half the time. Null with too few pairs.
   */
  criticalDifference: z.number().min(0).nullable(),
  /**
   * The true difference that is found with power .8, at the same level and number of pairs, if the differences spread as
   * much as these do. Null with too few pairs.
   */
  detectableDifference: z.number().min(0).nullable(),
});
type PairedTest = z.infer<typeof PairedTest>;

/** What a test says; null: there are too few pairs for any statement. */
type Verdict = "a is higher" | "a is lower" | "not distinguishable" | null;

interface Pairs {
  /** a minus b, pair by pair. */
  differences: readonly number[];
  /** The variance that a difference has at least, as counts move in steps. */
  least: number;
}

/**
 * One family: Holm's correction is over all that have pairs enough. The words follow the test.
 *
 * @param fewest pairs that carry a statement, two or more.
 */
export function testTogether(
  family: readonly Pairs[],
  fewest: number,
): (PairedTest & { verdict: Verdict })[] {
  const measured = family.map(measure);
  const testable = measured.filter(({ differences }) => differences.length >= fewest);
  const values = testable.map(({ test: { difference }, error }) =>
    tTwoSided(difference!.mean / error!, difference!.count - 1),
  );
  const [adjusted, levels] = [holm(values), holmLevels(values, SIGNIFICANT)];
  const places = new Map(testable.map((pairs, at) => [pairs, at]));
  return measured.map((pairs) => {
    const { test, error } = pairs;
    const at = places.get(pairs);
    if (at === undefined) return { ...test, verdict: null };
    const [p, level, df] = [adjusted[at]!, levels[at]!, test.difference!.count - 1];
    return {
      ...test,
      p,
      criticalDifference: tQuantile(1 - level, df) * error!,
      detectableDifference: noncentralityFound(level, df, POWER) * error!,
      verdict: verdictOf(test.difference!, p),
    };
  });
}

/** Pairs before they are judged among the others. */
interface MeasuredPairs {
  differences: readonly number[];
  test: PairedTest;
  /** Standard error of the mean difference; null with a single pair. */
  error: number | null;
}

function measure({ differences, least }: Pairs): MeasuredPairs {
  const { length } = differences;
  const error = length < 2 ? null : Math.sqrt(variance(differences, least) / length);
  const test: PairedTest = {
    difference: length === 0 ? null : intervalOf(differences, error),
    identical: length > 0 && differences.every((difference) => difference === 0),
    p: null,
    signFlipP: signFlipTest(differences),
    criticalDifference: null,
    detectableDifference: null,
  };
  return { differences, test, error };
}

function intervalOf(differences: readonly number[], error: number | null): Interval {
  const [center, count] = [mean(differences), differences.length];
  if (error === null) return { mean: center, low: null, high: null, count };
  const half = tQuantile(0.95, count - 1) * error;
  return { mean: center, low: center - half, high: center + half, count };
}

function verdictOf({ mean }: Interval, p: number): Verdict {
  if (p >= SIGNIFICANT) return "not distinguishable";
  return mean > 0 ? "a is higher" : "a is lower";
}
