/** @file Learned complexity tap by tap, as the last tap's is computed (method.md section 4); without a validator, for pages. */

import { leastVariance } from "./least-variance.ts";
import type { RunMetrics } from "./metrics-schema.ts";
import type { Interval } from "./statistics/interval.ts";
import { mean, tInterval } from "./statistics/t-interval.ts";

export interface TapComplexity {
  tap: number;
  /** Null as soon as one run lacks it, and where `rl=` acts on every head. */
  complexity: Interval | null;
}

/** A at the headline n, `final`, mean over the heads that no regularizer acts on: at each tap that has such heads. */
export function complexityByTap(
  runs: readonly Pick<RunMetrics, "heads" | "counts">[],
  headline: number,
): TapComplexity[] {
  const places = (runs[0]?.heads ?? []).filter(({ n }) => n === headline);
  const taps = [...new Set(places.map(({ tap }) => tap))];
  return taps.map((tap) => {
    const values = runs.map(({ heads }) => {
      const free = heads.filter(
        (head) => head.tap === tap && head.n === headline && !head.regularized,
      );
      const known = free.flatMap(({ normalized }) => normalized ?? []);
      return known.length === 0 || known.length < free.length ? null : mean(known);
    });
    const present = values.filter((value) => value !== null);
    if (present.length === 0 || present.length < values.length) return { tap, complexity: null };
    const least = leastVariance("learnedComplexity", { headline, ...runs[0]!.counts });
    return { tap, complexity: tInterval(present, least) };
  });
}
