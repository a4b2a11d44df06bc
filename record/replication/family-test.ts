/** @file Contrasts that are tested together: two-sided t-tests against their margins, Holm over the family (docs/replication-plan.md). */

import {
  holm,
  holmLevels,
  mean,
  tQuantile,
  tTwoSided,
  variance,
} from "../statistics/t-interval.ts";

/** Of one contrast: its value at each shared seed. */
export interface Tested {
  values: readonly number[];
  /** The variance that a value has at least, as counts move in steps. */
  least: number;
  /** What the mean has to exceed. */
  margin: number;
}

export interface TestOutcome {
  mean: number;
  /** Two-sided p of mean = margin, corrected over the family: to be compared with its alpha. */
  p: number;
  /** What Holm's procedure compares the uncorrected p with. */
  level: number;
  /** The interval at 1 - level; null where nothing tells how far the values spread. */
  low: number | null;
  high: number | null;
  verdict: "holds" | "fails" | "inconclusive";
}

/**
 * @param family null: a member that cannot be tested. It stays one, with p = 1, so that no verdict hangs on what was left
 * out.
 */
export function testFamily(
  family: readonly (Tested | null)[],
  alpha: number,
): (TestOutcome | null)[] {
  const values = family.map((each) => (each === null ? 1 : uncorrected(each)));
  const [adjusted, levels] = [holm(values), holmLevels(values, alpha)];
  return family.map((each, i) => {
    if (each === null) return null;
    const [p, level, center] = [adjusted[i]!, levels[i]!, mean(each.values)];
    const error = errorOf(each);
    const half = tQuantile(1 - level, each.values.length - 1) * error;
    return {
      ...{ mean: center, p, level },
      low: error === 0 ? null : center - half,
      high: error === 0 ? null : center + half,
      verdict: p >= alpha ? "inconclusive" : center > each.margin ? "holds" : "fails",
    };
  });
}

/** 1 where values agree that have no step: no test takes such agreement for certainty. */
function uncorrected(tested: Tested): number {
  const error = errorOf(tested);
  const { values, margin } = tested;
  return error === 0 ? 1 : tTwoSided((mean(values) - margin) / error, values.length - 1);
}

/** Standard error of the mean. */
function errorOf({ values, least }: Tested): number {
  return Math.sqrt(variance(values, least) / values.length);
}
