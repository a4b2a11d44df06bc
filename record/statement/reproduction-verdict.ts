/** @file Does a reproduction agree with the entry it is about? By the protocol's tolerance. */

import type { Protocol } from "../protocol.ts";
import type { Run } from "../run.ts";
import { summarize } from "../summary.ts";
import type { Measurement } from "./measurement.ts";
import type { Verdict } from "./reproduction.ts";

const QUANTITIES = ["complexity", "testAccuracy"] as const;
export type ReproducedQuantity = (typeof QUANTITIES)[number];

/** Means with the difference allowed between them; null where a run diverged. */
export interface ReproducedNumbers {
  quantity: ReproducedQuantity;
  entry: number | null;
  /** With its 95 % t-interval. */
  reproduction: { mean: number; low: number | null; high: number | null } | null;
  tolerance: number;
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
  const original = summarize([...entry.panel, ...entry.fresh], protocol);
  const own = ownSummary(reproduction.fresh, protocol);
  return QUANTITIES.map((quantity) => {
    const [theirs, ours] = [original[quantity], own?.[quantity] ?? null];
    const tolerance = protocol.tolerance[quantity];
    const agrees = theirs && ours && isNear(ours, theirs.mean, tolerance);
    return { quantity, entry: theirs?.mean ?? null, reproduction: ours, tolerance, agrees };
  });
}

function ownSummary(runs: readonly Run[], protocol: Protocol) {
  return runs.length === 0 ? null : summarize(runs, protocol);
}

/** Within the tolerance, or the interval covers the other's mean. */
function isNear(
  { mean, low, high }: NonNullable<ReproducedNumbers["reproduction"]>,
  other: number,
  tolerance: number,
): boolean {
  const isCovered = low !== null && high !== null && low <= other && other <= high;
  return Math.abs(mean - other) <= tolerance || isCovered;
}

/** Inconclusive when a mean is missing on either side. */
export function reproductionVerdict(
  entry: Pick<Measurement, "panel" | "fresh">,
  reproduction: Pick<Measurement, "fresh">,
  protocol: Protocol,
): Verdict {
  const agreements = reproducedNumbers(entry, reproduction, protocol).map(({ agrees }) => agrees);
  if (agreements.includes(null)) return "inconclusive";
  return agreements.every(Boolean) ? "agree" : "disagree";
}
