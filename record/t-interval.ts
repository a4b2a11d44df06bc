/**
 * @file Means over seeds and how sure they are (trust.md section 4). Apart from the schema, so that a page can
 * compute an interval without loading a validator.
 */

import type { Interval } from "./interval.ts";
import { incompleteBeta } from "./special-functions.ts";

/**
 * x_0 + sum(x_i - x_0) / k, so that the mean of equal values is that value: rounding would make it another one of
 * each number of seeds, and give them a variance that a test takes for certainty.
 *
 * @throws RangeError of nothing.
 */
export function mean(values: readonly number[]): number {
  const [first] = values;
  if (first === undefined) throw new RangeError("mean: no values");
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
}

/** Unbiased, over count - 1. */
export function variance(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
}

/** P(|T| > t) of Student's t with `df` degrees of freedom (real, > 0): I_x(df/2, 1/2), x = df/(df + t^2). */
export function tTwoSided(t: number, df: number): number {
  return incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

/** t with P(|T| <= t) = level, by bisection to the last bit. */
export function tQuantile(level: number, df: number): number {
  let [low, high] = [0, 1];
  while (tTwoSided(high, df) > 1 - level) high *= 2;
  for (let middle = high / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (tTwoSided(middle, df) > 1 - level) low = middle;
    else high = middle;
  }
  return high;
}

/** mean -+ t s / sqrt(count), count - 1 degrees of freedom. */
export function tInterval(values: readonly number[], level = 0.95): Interval {
  const [center, count] = [mean(values), values.length];
  if (count < 2) return { mean: center, low: null, high: null, count };
  const half = halfWidth(values, level);
  return { mean: center, low: center - half, high: center + half, count };
}

/** Half the width, t s / sqrt(count), of the t-interval of two or more values. */
export function halfWidth(values: readonly number[], level: number): number {
  return quantileOf(level, values.length) * Math.sqrt(variance(values) / values.length);
}

/** Of as many values as a configuration has runs, so they are few, and every number of a board asks for them again. */
const quantiles = new Map<string, number>();

function quantileOf(level: number, count: number): number {
  const key = `${level} ${count}`;
  const quantile = quantiles.get(key) ?? tQuantile(level, count - 1);
  quantiles.set(key, quantile);
  return quantile;
}

/** The t-interval of a[i] - b[i]; the values of both are in the order of their shared seeds. */
export function pairedInterval(a: readonly number[], b: readonly number[], level = 0.95): Interval {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`);
  return tInterval(
    a.map((value, i) => value - b[i]!),
    level,
  );
}
