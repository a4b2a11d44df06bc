/** @file Refits of the told labelling beside those of redraws, tap by tap (method.md section 4); without a validator, for pages. */

import { leastVariance } from "./least-variance.ts";
import type { RunMetrics } from "./metrics-schema.ts";
import { normalizedAccuracy } from "./normalized-accuracy.ts";
import type { Interval } from "./statistics/interval.ts";
import { selectivityP } from "./statistics/selectivity.ts";
import { mean, tInterval } from "./statistics/t-interval.ts";

export interface ToldRefit {
  tap: number;
  /** A of the refit to the told labelling, draw 0. */
  told: Interval;
  /** That minus the mean over all redraws. */
  selectivity: Interval;
  /** Exact two-sided p of its rank sum among them, over the runs. */
  p: number;
}

/** At the headline n, wherever every run has one: the last tap, and the tap that `rl=` acts on. */
export function toldRefits(
  runs: readonly Pick<RunMetrics, "controls" | "counts">[],
  headline: number,
): ToldRefit[] {
  const places = runs[0]?.controls?.refit.filter(({ n, told }) => n === headline && told !== null);
  return (places ?? []).flatMap(({ tap }) => {
    const here = runs.flatMap(({ controls, counts: { trainSamples } }) => {
      const refit = controls?.refit.find((each) => each.tap === tap && each.n === headline);
      const { told, redraws } = refit?.counts ?? { told: null, redraws: [] };
      if (told === null) return [];
      const [own, other] = [told, mean(redraws)].map((correct) =>
        normalizedAccuracy(correct / trainSamples, headline),
      );
      return [{ told, redraws, own: own!, selectivity: own! - other! }];
    });
    const p = here.length < runs.length ? null : selectivityP(here);
    if (p === null) return [];
    const counted = { headline, ...runs[0]!.counts };
    return {
      tap,
      told: tInterval(
        here.map(({ own }) => own),
        leastVariance("capacity", counted),
      ),
      selectivity: tInterval(
        here.map(({ selectivity }) => selectivity),
        leastVariance("selectivity", counted),
      ),
      p,
    };
  });
}
