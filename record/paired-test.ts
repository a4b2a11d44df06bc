/** @file Is a difference over shared seeds more than chance? (trust.md section 4) */

import { mean, tTwoSided, variance } from "./statistics.ts";

/** Two-sided p of the paired t-test that the mean difference is zero; null with fewer than two pairs. */
export function pairedTTest(differences: readonly number[]): number | null {
  if (differences.length < 2) return null;
  const error = Math.sqrt(variance(differences) / differences.length);
  const center = mean(differences);
  if (error === 0) return center === 0 ? 1 : 0;
  return tTwoSided(center / error, differences.length - 1);
}

/**
 * Exact two-sided p of the sign-flip test: of all 2^k ways to swap the two sides of each pair, the share whose
 * mean is at least as far from zero. Null for fewer than 8 pairs, which cannot reach .05 after a correction,
 * and for more than 20, which are too many to enumerate.
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
 * Holm's step-down correction: p-values that may each be held against .05, whatever their number (Holm 1979, "A
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
 * The level that the same procedure holds each uncorrected p against: alpha / (k - rank), ranks of the k values from 0,
 * smallest first. It stops at the first value that is not below its level; those behind are held against that level.
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
