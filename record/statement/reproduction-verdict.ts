/** @file Does a reproduction agree with the entry it is about? By the protocol's tolerance, and by what chance allows. */

import { runMetrics } from "../metrics.ts";
import type { Protocol } from "../protocol.ts";
import type { Run } from "../run.ts";
import { tInterval } from "../statistics.ts";
import { sampleOf, welchTest } from "../welch.ts";
import type { Measurement } from "./measurement.ts";
import type { Verdict } from "./reproduction.ts";

const QUANTITIES = ["complexity", "testAccuracy"] as const;
export type ReproducedQuantity = (typeof QUANTITIES)[number];

const SIGNIFICANT = 0.05;

/** Means with the difference allowed between them; null where a run diverged. */
export interface ReproducedNumbers {
  quantity: ReproducedQuantity;
  entry: number | null;
  /** With its 95 % t-interval. */
  reproduction: { mean: number; low: number | null; high: number | null } | null;
  tolerance: number;
  /** Null when these runs leave it open, or a mean is missing. */
  agrees: boolean | null;
}

/**
 * The entry's mean over all its runs beside the mean over the reproducer's own fresh runs: they alone count, as
 * panel runs can be copied.
 */
export function reproducedNumbers(
  entry: Pick<Measurement, "panel" | "fresh">,
  reproduction: Pick<Measurement, "fresh">,
  protocol: Protocol,
): ReproducedNumbers[] {
  return QUANTITIES.map((quantity) => {
    const theirs = valuesOf([...entry.panel, ...entry.fresh], quantity, protocol);
    const ours = valuesOf(reproduction.fresh, quantity, protocol);
    const tolerance = protocol.tolerance[quantity];
    return {
      quantity,
      entry: theirs && tInterval(theirs).mean,
      reproduction: ours && tInterval(ours),
      tolerance,
      agrees: theirs && ours && agreement(theirs, ours, tolerance),
    };
  });
}

/** By run; null with a run that has none, or with no run. */
function valuesOf(
  runs: readonly Run[],
  quantity: ReproducedQuantity,
  protocol: Protocol,
): number[] | null {
  const values = runs.map((run) => runMetrics(run, protocol)[quantity]);
  const present = values.filter((value) => value !== null);
  return present.length === 0 || present.length < values.length ? null : present;
}

/**
 * Within the tolerance they agree. Beyond it they disagree where Welch's t-test at 5 % says that the means differ; where
 * it does not, the runs spread too far to tell, which is neither.
 */
function agreement(theirs: number[], ours: number[], tolerance: number): boolean | null {
  const [a, b] = [sampleOf(ours), sampleOf(theirs)];
  if (Math.abs(a.mean - b.mean) <= tolerance) return true;
  const test = welchTest(a, b);
  return test !== null && test.p < SIGNIFICANT ? false : null;
}

/** Disagrees in one quantity or agrees in both; otherwise inconclusive, as with a mean missing on either side. */
export function reproductionVerdict(
  entry: Pick<Measurement, "panel" | "fresh">,
  reproduction: Pick<Measurement, "fresh">,
  protocol: Protocol,
): Verdict {
  const agreements = reproducedNumbers(entry, reproduction, protocol).map(({ agrees }) => agrees);
  if (agreements.includes(false)) return "disagree";
  return agreements.every((agrees) => agrees === true) ? "agree" : "inconclusive";
}
