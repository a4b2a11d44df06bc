/** @file An interval of random-label accuracy on the scale from chance (0) to everything (1). */

import type { Interval } from "../../record/interval.ts";
import { normalizedAccuracy } from "../../record/normalized-accuracy.ts";

export function rescaledInterval(interval: Interval | null, n: number): Interval | null {
  if (interval === null) return null;
  const { mean, low, high, count } = interval;
  const scale = (accuracy: number) => normalizedAccuracy(accuracy, n);
  if (low === null || high === null) return { mean: scale(mean), low: null, high: null, count };
  return { mean: scale(mean), low: scale(low), high: scale(high), count };
}
