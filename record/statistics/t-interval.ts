/**
 * @file Means over seeds and how sure they are (trust.md section 4). Apart from the schema, so that a page can
 * compute an interval without loading a validator.
 */

import type { Interval } from "./interval.ts";
import { incompleteBeta } from "./special-functions.ts";

/**
 * x_0 + sum(x_i - x_0) / k, so that the mean of equal values is exactly that value. Otherwise rounding would change it
 * with the number of seeds, and give equal values a variance that a test would take for certainty.
 *
 * @throws RangeError for no values.
 */
export function mean(values: readonly number[]): number {
  const [first] = values;
  if (first === undefined) throw new RangeError("mean: no values");
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
}

/**
 * The unbiased variance, over count - 1; NaN of a single value.
 *
 * @param least what it is at least, as counts move in steps (`leastVariance`); 0 for a number without a step.
 */
export function variance(values: readonly number[], least = 0): number {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.max(least, squares / (values.length - 1));
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

/**
 * mean -+ t s / sqrt(count) at 95 %, count - 1 degrees of freedom.
 *
 * @param least as for `variance`.
 * @example tInterval([1, 2, 3]) // { mean: 2, low: -0.484..., high: 4.484..., count: 3 }
 */
export function tInterval(values: readonly number[], least = 0): Interval {
  return sampleInterval(sampleOf(values, least));
}

/**
 * Without an interval where nothing tells how far the values spread: of a single one, and of equal ones that have no
 * step.
 */
export function sampleInterval(sample: Sample): Interval {
  const { mean, variance, count } = sample;
  if (count < 2 || variance === 0) return { mean, low: null, high: null, count };
  const half = quantileOf(0.95, count) * Math.sqrt(squaredError(sample));
  return { mean, low: mean - half, high: mean + half, count };
}

/** Cached: sample sizes are numbers of runs of a configuration, so they are few, and every number of a board needs one. */
const quantiles = new Map<string, number>();

function quantileOf(level: number, count: number): number {
  const key = `${level} ${count}`;
  const quantile = quantiles.get(key) ?? tQuantile(level, count - 1);
  quantiles.set(key, quantile);
  return quantile;
}

/** P(X >= k), X ~ Binomial(m, p): I_p(k, m - k + 1). */
export function atLeast(k: number, m: number, p: number): number {
  if (k <= 0) return 1;
  return k > m ? 0 : incompleteBeta(p, k, m - k + 1);
}

/** P(X <= k), X ~ Binomial(m, p): I_{1-p}(m - k, k + 1). */
export function atMost(k: number, m: number, p: number): number {
  if (k < 0) return 0;
  return k >= m ? 1 : incompleteBeta(1 - p, m - k, k + 1);
}

/** The counts that chance allows: the smallest k with P(X <= k) >= tail and the largest with P(X >= k) >= tail. */
export function binomialLimits(m: number, p: number, tail = 1e-9): { low: number; high: number } {
  return {
    low: smallest(m, (k) => atMost(k, m, p) >= tail),
    high: smallest(m, (k) => atLeast(k + 1, m, p) < tail),
  };
}

/** The smallest k in 0..m that `holds`, once it holds for all above it. */
function smallest(m: number, holds: (k: number) => boolean): number {
  let [low, high] = [0, m];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Nodes of a table between 1/df = 0 and 1. */
const NODES = 2000;

/** What stands for infinitely many degrees of freedom. */
const MOST_FREEDOM = 1e6;

/** Relative error that interpolation stays below: for levels of 1e-8 and more it is 2e-5, at few degrees of freedom. */
export const CRITICAL_T_ERROR = 1e-4;

/** By level: the columns of a board share theirs, and so do refreshes that no configuration came or went between. */
const tables = new Map<number, number[]>();
const MOST_TABLES = 16;

/**
 * Critical t of one level: a function that gives t with P(|T| > t) = level at `df` >= 1 degrees of freedom, to
 * `CRITICAL_T_ERROR`. It fills a table as it is asked.
 */
export function criticalT(level: number): (df: number) => number {
  if (tables.size >= MOST_TABLES && !tables.has(level)) tables.clear();
  const table = tables.get(level) ?? [];
  tables.set(level, table);
  const node = (k: number) =>
    (table[k] ??= tQuantile(1 - level, Math.min(MOST_FREEDOM, NODES / k)));
  return (df) => {
    const place = NODES / df;
    const k = Math.min(NODES - 1, Math.floor(place));
    const here = node(k);
    return here + (place - k) * (node(k + 1) - here);
  };
}

/**
 * Exact two-sided p of the sign-flip test: of all 2^k ways to swap the two sides of each pair, the share whose
 * mean is at least as far from zero. Null for fewer than 8 pairs, as its least p, 2/2^k, is then .016 or more (.0625 at
 * the five seeds of a panel), and for more than 20, which are too many to enumerate.
 */
export function signFlipTest(differences: readonly number[]): number | null {
  const pairs = differences.length;
  if (pairs < 8 || pairs > 20) return null;
  const total = differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  const bound = observed - 1e-12 * total; // sums in another order may differ in the last bits
  let extreme = 0;
  for (let signs = 0; signs < 2 ** pairs; signs++) {
    let sum = 0;
    for (let i = 0; i < pairs; i++) sum += (signs >> i) & 1 ? differences[i]! : -differences[i]!;
    if (Math.abs(sum) >= bound) extreme += 1;
  }
  return extreme / 2 ** pairs;
}

/**
 * Holm's step-down correction: p-values that may each be compared with .05, however many there are (Holm 1979, "A
 * simple sequentially rejective multiple test procedure").
 */
export function holm(values: readonly number[]): number[] {
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  for (const [rank, { p, i }] of ascending(values).entries()) {
    largest = Math.max(largest, Math.min(1, p * (values.length - rank)));
    adjusted[i] = largest;
  }
  return adjusted;
}

/**
 * The level that the same procedure compares each uncorrected p with: alpha / (k - rank), ranks of the k values from 0,
 * smallest first. It stops at the first value that is not below its level; later values are compared with that level.
 */
export function holmLevels(values: readonly number[], alpha: number): number[] {
  const order = ascending(values);
  const isKept = ({ p }: { p: number }, rank: number) => p * (values.length - rank) >= alpha;
  const stop = order.findIndex(isKept);
  const levels = new Array<number>(values.length);
  for (const [rank, { i }] of order.entries())
    levels[i] = alpha / (values.length - (stop < 0 ? rank : Math.min(rank, stop)));
  return levels;
}

function ascending(values: readonly number[]): { p: number; i: number }[] {
  return values.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
}

/** What the test needs of a sample; `variance` is unbiased, and NaN of a single value. */
export interface Sample {
  mean: number;
  variance: number;
  count: number;
}

/** @param least as for `variance`. @throws RangeError for no values. */
export function sampleOf(values: readonly number[], least = 0): Sample {
  return { mean: mean(values), variance: variance(values, least), count: values.length };
}

/** a minus b. */
interface WelchTest {
  difference: number;
  /** The interval of the difference. */
  low: number;
  high: number;
  /** Two-sided p that the means are equal. */
  p: number;
}

/** Null where nothing tells how far a side spreads: with a single value, or when neither spreads at all. */
export function welchTest(a: Sample, b: Sample, level = 0.95): WelchTest | null {
  const error = Math.sqrt(squaredError(a) + squaredError(b));
  if (a.count < 2 || b.count < 2 || error === 0) return null;
  const difference = a.mean - b.mean;
  const half = tQuantile(level, freedom(a, b)) * error;
  return { difference, low: difference - half, high: difference + half, p: welchP(a, b) };
}

/** Two-sided p alone, without the costly quantile; both samples of at least two values. 1 when neither spreads. */
export function welchP(a: Sample, b: Sample): number {
  const error = Math.sqrt(squaredError(a) + squaredError(b));
  return error === 0 ? 1 : tTwoSided((a.mean - b.mean) / error, freedom(a, b));
}

/** Squared standard error of the mean. */
export function squaredError({ variance, count }: Sample): number {
  return variance / count;
}

function freedom(a: Sample, b: Sample): number {
  return welchFreedom(squaredError(a), a.count, squaredError(b), b.count);
}

/**
 * Welch and Satterthwaite's degrees of freedom, from the squared errors of two means; between the smaller
 * sample's count - 1 and the sum of both; NaN when both errors are zero. By their shares, as squares of tiny errors
 * would be 0 and the freedom NaN.
 */
export function welchFreedom(ofA: number, countA: number, ofB: number, countB: number): number {
  const share = ofA / (ofA + ofB);
  return 1 / (share ** 2 / (countA - 1) + (1 - share) ** 2 / (countB - 1));
}
