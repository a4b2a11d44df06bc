/** @file The measures that every result carries, one number per entry (method.md section 5). */

import { parseArchitecture } from "../architecture.ts";
import { normalizedAccuracy } from "../head-metrics.ts";
import type { RunMetrics } from "../metrics-schema.ts";
import { runMetrics } from "../metrics.ts";
import type { Protocol } from "../protocol.ts";
import type { Run } from "../run.ts";
import type { Measurement } from "../statement/measurement.ts";
import { mean } from "../statistics.ts";
import { tapCount } from "../taps.ts";

interface Measure {
  /** For a column's head. */
  title: string;
  /** Null where the run does not have it. */
  of(run: Run, metrics: RunMetrics, protocol: Protocol): number | null;
}

export const MEASURES = {
  params: { title: "parameters", of: (run) => run.params },
  complexity: { title: "complexity", of: (_, metrics) => metrics.complexity },
  onlineComplexity: { title: "complexity while training", of: onlineComplexity },
  refitComplexity: { title: "complexity of a refit", of: (_, run) => run.refitComplexity },
  bits: { title: "memorised bits per sample", of: (_, metrics) => metrics.bits },
  effectiveRank: { title: "effective rank", of: (_, run) => run.controls?.effectiveRank ?? null },
  participationRatio: {
    title: "participation ratio",
    of: (_, metrics) => metrics.controls?.participationRatio ?? null,
  },
  cumulativeLoss: { title: "cumulative training loss", of: cumulativeLoss },
  epochsToLearn: { title: "epoch that passes 90 % train accuracy", of: epochsToLearn },
  trainLoss: { title: "train loss", of: (_, metrics) => metrics.trainLoss },
} as const satisfies Record<string, Measure>;
export type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as [MeasureName, ...MeasureName[]];

/** One entry in the board of measures: means over all its runs; null where a run lacks the number. */
export interface MeasuredEntry {
  /** Statement id. */
  entry: string;
  arch: string;
  regs: string;
  /** Train minus test accuracy. */
  gap: number | null;
  measures: Record<MeasureName, number | null>;
}

/** @param result with its statement id. */
export function measuredEntry(
  id: string,
  { arch, regs, panel, fresh }: Pick<Measurement, "arch" | "regs" | "panel" | "fresh">,
  protocol: Protocol,
): MeasuredEntry {
  const runs = [...panel, ...fresh].map((run) => ({ run, metrics: runMetrics(run, protocol) }));
  const measured = MEASURE_NAMES.map((name) => {
    const values = runs.map(({ run, metrics }) => MEASURES[name].of(run, metrics, protocol));
    return [name, meanOfAll(values)];
  });
  return {
    entry: id,
    arch,
    regs,
    gap: meanOfAll(runs.map(({ metrics }) => metrics.gap)),
    measures: Object.fromEntries(measured) as MeasuredEntry["measures"],
  };
}

function meanOfAll(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 || present.length < values.length ? null : mean(present);
}

/** As the complexity, from the last epoch's predictions before each update. */
function onlineComplexity(run: Run, { heads }: RunMetrics, protocol: Protocol): number | null {
  if (run.status === "diverged") return null;
  const last = tapCount(parseArchitecture(run.arch));
  const n = protocol.headline;
  const free = heads.filter((head) => head.tap === last && head.n === n && !head.regularized);
  return meanOfAll(
    free.map(({ online }) => (online === null ? null : normalizedAccuracy(online, n))),
  );
}

/** Mean loss of each epoch, summed over the epochs: nats per sample. */
function cumulativeLoss({ status, epochs }: Run): number | null {
  if (status === "diverged") return null;
  return epochs.reduce((sum, { lossSum, seen }) => sum + lossSum / seen, 0);
}

/** From 1, by the accuracy before each update; null when no epoch passes 90 %. */
function epochsToLearn({ epochs }: Run): number | null {
  const at = epochs.findIndex(({ correct, seen }) => correct > 0.9 * seen);
  return at < 0 ? null : at + 1;
}
