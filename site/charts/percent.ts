/** @file Shares in [0, 1] as people read them: percent, with the half-width of the 95 % interval. */

import type { Interval } from "../../record/statistics/interval.ts";

/** The interval's ends, or the mean twice where one value gives none. */
export function ends({ mean, low, high }: Interval): [number, number] {
  return [low ?? mean, high ?? mean];
}

/** `41.2`: percent without the sign; a dash for what was not measured. */
export function percent(share: number | null, digits = 1): string {
  if (share === null || !Number.isFinite(share)) return "–";
  const text = (100 * share).toFixed(digits);
  return (Number(text) === 0 ? (0).toFixed(digits) : text).replace("-", "−");
}

/** `41.2 ± 1.3`, or `41.2` where there is no interval. */
export function percentInterval(interval: Interval | null, digits = 1): string {
  if (interval === null) return "–";
  const { mean, high } = interval;
  const center = percent(mean, digits);
  return high === null ? center : `${center} ± ${percent(high - mean, digits)}`;
}
