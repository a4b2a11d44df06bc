/** @file Welch's test: two samples that share no seeds and may spread differently (trust.md section 4). */

import { mean, tQuantile, tTwoSided, variance } from "./statistics.ts";

/** What the test needs of a sample; `variance` is unbiased, and NaN of a single value. */
export interface Sample {
  mean: number;
  variance: number;
  count: number;
}

/** @throws RangeError of no values. */
export function sampleOf(values: readonly number[]): Sample {
  return { mean: mean(values), variance: variance(values), count: values.length };
}

/** a minus b. */
export interface WelchTest {
  difference: number;
  /** 95 % interval of the difference. */
  low: number;
  high: number;
  /** Two-sided p that the means are equal. */
  p: number;
  /** Half the interval's width: a smaller difference these seeds could not have shown. */
  smallestVisible: number;
}

/** Null with fewer than two values on a side. */
export function welchTest(a: Sample, b: Sample): WelchTest | null {
  if (a.count < 2 || b.count < 2) return null;
  const difference = a.mean - b.mean;
  const error = Math.sqrt(squaredError(a) + squaredError(b));
  const smallestVisible = error === 0 ? 0 : tQuantile(0.95, freedom(a, b)) * error;
  const [low, high] = [difference - smallestVisible, difference + smallestVisible];
  return { difference, low, high, p: welchP(a, b), smallestVisible };
}

/** Two-sided p alone, without the costly quantile; both samples of at least two values. */
export function welchP(a: Sample, b: Sample): number {
  const error = Math.sqrt(squaredError(a) + squaredError(b));
  const difference = a.mean - b.mean;
  if (error === 0) return difference === 0 ? 1 : 0;
  return tTwoSided(difference / error, freedom(a, b));
}

/** Of the mean. */
export function squaredError({ variance, count }: Sample): number {
  return variance / count;
}

function freedom(a: Sample, b: Sample): number {
  return welchFreedom(squaredError(a), a.count, squaredError(b), b.count);
}

/**
 * Welch and Satterthwaite's degrees of freedom, from the squared errors of two means; between the smaller
 * sample's count - 1 and the sum of both; NaN when both errors are zero.
 */
export function welchFreedom(ofA: number, countA: number, ofB: number, countB: number): number {
  return (ofA + ofB) ** 2 / (ofA ** 2 / (countA - 1) + ofB ** 2 / (countB - 1));
}
