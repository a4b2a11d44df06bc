/** @file What heads and refits of one configuration come to at each tap, and the frozen trunk's beside them. Without a validator, for pages. */

import { complexityByTap } from "./complexity-by-tap.ts";
import type { RunMetrics } from "./metrics-schema.ts";
import { rescaledInterval } from "./normalized-accuracy.ts";
import type { Interval } from "./statistics/interval.ts";
import type { Estimate, Summary } from "./summary.ts";

/** One architecture. Every value is A: 0 is chance and 1 everything. */
export interface DepthRow {
  arch: string;
  /** Size of the label space. */
  n: number;
  /** Names of the taps in order of depth. */
  taps: readonly string[];
  /** For each configuration a value at each tap; null where it was not measured. */
  trained: readonly {
    regs: string;
    /** Learned complexity at each tap: of the heads there. */
    heads: readonly (Interval | null)[];
    /** The same heads on the trunk at initialization: at the last tap alone. */
    frozenHeads: readonly (Interval | null)[];
    /** Capacity at each tap. */
    byTap: readonly (Interval | null)[];
    /** Capacity of the trunk at initialization: the same in all configurations of the same seeds. */
    frozen: readonly (Interval | null)[];
    /** What a cloud with the spectrum and the leverages of these features would give. */
    leverages: readonly (Interval | null)[];
  }[];
  /** What a shapeless cloud of the tap's width would give. */
  counts: readonly (Interval | null)[];
}

/** What one configuration gives a row: A at the headline n of each tap. */
interface DepthSource {
  summary: Pick<Summary, "frozenComplexity">;
  controls: NonNullable<Summary["controls"]>;
  /** Empty where the runs are not at hand. */
  runs: readonly Pick<RunMetrics, "heads" | "counts">[];
}

export function depthOf(
  { summary, controls, runs }: DepthSource,
  taps: readonly string[],
  n: number,
) {
  const { refit, frozen, null: rungs } = controls;
  const byTap = <T extends TapEstimate>(values: readonly T[], read: (value: T) => Estimate) =>
    taps.map((_, i) => {
      const value = values.find((each) => each.tap === i + 1 && each.n === n);
      return value === undefined ? null : read(value);
    });
  const heads = complexityByTap(runs, n);
  return {
    heads: taps.map((_, i) => heads.find(({ tap }) => tap === i + 1)?.complexity ?? null),
    frozenHeads: taps.map((_, i) => (i === taps.length - 1 ? summary.frozenComplexity : null)),
    byTap: byTap(refit, ({ capacity }) => capacity),
    frozen: byTap(frozen, ({ capacity }) => capacity),
    counts: byTap(rungs, ({ counts }) => rescaledInterval(counts, n)),
    leverages: byTap(rungs, ({ leverages }) => rescaledInterval(leverages, n)),
  };
}

interface TapEstimate {
  tap: number;
  n: number;
}
