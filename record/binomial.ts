/** @file Exact binomial tails: what chance alone may give a count (trust.md section 4). */

import { incompleteBeta } from "./special-functions.ts";

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

/** The counts chance allows: the smallest k with P(X <= k) >= tail and the largest with P(X >= k) >= tail. */
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
