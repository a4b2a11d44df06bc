/** @file The complexity as it was while training. */

import { normalizedAccuracy } from "../../record/metrics.ts";
import type { Estimate, Outcome } from "../../record/summary.ts";
import { mean, tInterval } from "../../record/t-interval.ts";

/** As the complexity, but counted on the batches of the last epoch, before each update; null where that is null. */
export function onlineComplexity({ runs, summary }: Outcome, headline: number): Estimate {
  if (summary.complexity === null) return null;
  return tInterval(
    runs.map(({ heads }) => {
      const last = Math.max(...heads.map(({ tap }) => tap));
      const free = heads.filter(
        ({ tap, n, regularized }) => tap === last && n === headline && !regularized,
      );
      return mean(free.map(({ online, n }) => normalizedAccuracy(online ?? 0, n)));
    }),
  );
}
