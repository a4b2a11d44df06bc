/** @file How large a true difference a t-test finds, and how often. */

import { incompleteBeta, logGamma } from "./special-functions.ts";
import { tQuantile } from "./t-interval.ts";

/**
 * P(|T| > critical) of the noncentral t distribution: how often a two-sided t-test rejects.
 *
 * T^2 is a noncentral F on 1 and df degrees of freedom, so this is one minus sum_j P(J = j) I_x(j + 1/2, df/2) with J
 * Poisson of mean noncentrality^2/2 and x = critical^2/(critical^2 + df) (Johnson, Kotz and Balakrishnan, Continuous
 * Univariate Distributions 2, chapters 30 and 31).
 *
 * @param noncentrality true difference over the standard error of its mean.
 */
export function tTestPower(critical: number, df: number, noncentrality: number): number {
  const expected = noncentrality ** 2 / 2;
  const x = critical ** 2 / (critical ** 2 + df);
  let kept = 0;
  for (let j = 0, chance = 1; j <= expected || chance > 1e-14; j++) {
    chance = poisson(j, expected);
    kept += chance * incompleteBeta(x, j + 0.5, df / 2);
  }
  return 1 - kept;
}

function poisson(j: number, mean: number): number {
  if (mean === 0) return j === 0 ? 1 : 0;
  return Math.exp(j * Math.log(mean) - mean - logGamma(j + 1));
}

/** Bisections of the noncentrality: to a millionth of it. */
const HALVINGS = 24;

const found = new Map<string, number>();

/**
 * The true difference, in standard errors of its mean, that a two-sided t-test at `level` finds with this power.
 *
 * Cached: numbers of seeds and of tests are few.
 */
export function noncentralityFound(level: number, df: number, power: number): number {
  const key = `${level} ${df} ${power}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const critical = tQuantile(1 - level, df);
  let [low, high] = [0, critical];
  while (tTestPower(critical, df, high) < power) high *= 2;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (tTestPower(critical, df, middle) < power) low = middle;
    else high = middle;
  }
  found.set(key, high);
  return high;
}
