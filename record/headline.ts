/** @file The headline of a run, and the numbers without which it cannot be read. */

import { parseArchitecture } from "./architecture.ts";
import { normalizedAccuracy } from "./head-metrics.ts";
import type { HeadMetrics, RunNumbers } from "./metrics-schema.ts";
import type { Protocol } from "./protocol.ts";
import type { Controls, Run } from "./run.ts";
import { mean } from "./statistics.ts";
import { tapCount } from "./taps.ts";

type HeadlineNumbers = Pick<
  RunNumbers,
  | "complexity"
  | "regularizedComplexity"
  | "refitComplexity"
  | "frozenComplexity"
  | "nullComplexity"
  | "complexityMinusFrozen"
  | "complexityMinusNull"
  | "bits"
>;

/** At the last tap and the headline n. */
export function headlineNumbers(
  run: Run,
  heads: HeadMetrics[],
  protocol: Protocol,
): HeadlineNumbers {
  const tap = tapCount(parseArchitecture(run.arch));
  const n = protocol.headline;
  const atHeadline = (each: { tap: number; n: number }) => each.tap === tap && each.n === n;
  const here = heads.filter(atHeadline);
  const free = here.filter(({ regularized }) => !regularized);
  const refit = (counts?: Controls["refit"]) => {
    const found = counts?.find(atHeadline);
    return found ? normalizedAccuracy(found.correct / run.trainSamples, n) : null;
  };
  const generic = run.controls?.null.find(atHeadline);
  const complexity = meanOf(free.map(({ normalized }) => normalized));
  const frozenComplexity = refit(run.controls?.frozen);
  const nullComplexity = generic ? normalizedAccuracy(generic.accuracy, n) : null;
  return {
    complexity,
    regularizedComplexity: here.find(({ regularized }) => regularized)?.normalized ?? null,
    refitComplexity: refit(run.controls?.refit),
    frozenComplexity,
    nullComplexity,
    complexityMinusFrozen: difference(complexity, frozenComplexity),
    complexityMinusNull: difference(complexity, nullComplexity),
    bits: meanOf(free.map(({ bits }) => bits)),
  };
}

/** a - b; null when either is. */
export function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

/** Of one run, whose heads were either all measured or none. */
function meanOf(values: (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : mean(present);
}
