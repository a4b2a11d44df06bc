/** @file What training added to the last tap's features: refit minus refit, run by run. */

import type { EntryRuns } from "../../../record/documents/entry-document.ts";
import type { Estimate } from "../../../record/summary.ts";
import { tInterval } from "../../../record/t-interval.ts";

/** Paired within each run, whose two refits share labels and samples; null where a run lacks one of them. */
export function refitMinusFrozen({ metrics }: Pick<EntryRuns, "metrics">): Estimate {
  const differences = metrics.flatMap(({ refitComplexity, frozenComplexity }) =>
    refitComplexity === null || frozenComplexity === null
      ? []
      : [refitComplexity - frozenComplexity],
  );
  const isWhole = differences.length > 0 && differences.length === metrics.length;
  return isWhole ? tInterval(differences) : null;
}
