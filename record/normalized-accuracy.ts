/** @file Accuracy on random labels on a scale that does not depend on their number. */

import type { Interval } from "./statistics/interval.ts";

/** A = (accuracy - 1/n) / (1 - 1/n): 0 is chance, 1 is everything; for n = 2 the Rademacher correlation. */
export function normalizedAccuracy(accuracy: number, n: number): number {
  return (accuracy - 1 / n) / (1 - 1 / n);
}

/** An interval of random-label accuracy on the scale from chance (0) to everything (1). */
export function rescaledInterval(interval: Interval | null, n: number): Interval | null {
  if (interval === null) return null;
  const { mean, low, high, count } = interval;
  const scale = (accuracy: number) => normalizedAccuracy(accuracy, n);
  if (low === null || high === null) return { mean: scale(mean), low: null, high: null, count };
  return { mean: scale(mean), low: scale(low), high: scale(high), count };
}
