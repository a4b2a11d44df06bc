/** @file Which measure puts configurations in the order of their generalization gaps? */

import { tapsOf } from "../architecture.ts";
import { hasBothBounds, normalizedAccuracy, runMetrics } from "../metrics.ts";
import { MEASURE_NUMBERS } from "../measure-numbers.ts";
import type { RunMetrics } from "../metrics-schema.ts";
import type { Protocol } from "../protocols.ts";
import type { Run } from "../run.ts";
import type { Measurement } from "../statement/statements.ts";
import { evenly, pairCount, partialTau, tauInterval, tauOf } from "../statistics/kendall-tau.ts";
import { mean } from "../statistics/t-interval.ts";

export interface MeasureScore {
  name: MeasureName;
  title: string;
  /** Does it share the gap's train accuracy or loss by construction? And the reason why, or why not. */
  coupled: boolean;
  couplingReason: string;
  /** Kendall's tau-b of measure and gap; null when one of them does not vary. */
  tau: number | null;
  low: number | null;
  high: number | null;
  /** The same given the last tap's width and the train loss; null where one of them does not vary. */
  partialTau: number | null;
  /** Configurations that have measure and gap, the pairs they make, and their architectures. */
  entries: number;
  pairs: number;
  architectures: number;
  /** Configurations that have width and train loss as well. */
  partialEntries: number;
  points: { entry: string; arch: string; regs: string; measure: number; gap: number }[];
}

export const MOST_POINTS = 500;

/**
 * One score for each measure, in the order of `MEASURES`.
 *
 * @param entries one for each configuration, as copies would weigh as measurements.
 * @param pause called now and then: intervals of all measures take seconds.
 */
export async function measureScores(
  entries: readonly MeasuredEntry[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<MeasureScore[]> {
  const scores: MeasureScore[] = [];
  for (const name of MEASURE_NAMES) scores.push(await measureScore(name, entries, pause));
  return scores;
}

async function measureScore(
  name: MeasureName,
  entries: readonly MeasuredEntry[],
  pause: () => Promise<void>,
): Promise<MeasureScore> {
  const having = entries.flatMap((each) => {
    const measure = each.measures[name];
    return measure === null || each.gap === null ? [] : [{ ...each, measure, gap: each.gap }];
  });
  const tau = tauOf(
    having.map(({ measure }) => measure),
    having.map(({ gap }) => gap),
  );
  const bounds = tau === null ? null : await tauInterval(having, tau, pause);
  const controlled = having.flatMap(({ measure, gap, width, measures: { trainLoss } }) =>
    width === null || trainLoss === null ? [] : [{ measure, gap, width, trainLoss }],
  );
  const { title, coupled, couplingReason } = MEASURES[name];
  return {
    ...{ name, title, coupled, couplingReason, tau },
    low: bounds?.low ?? null,
    high: bounds?.high ?? null,
    partialTau: await partialTau(controlled, pause),
    entries: having.length,
    pairs: pairCount(having.length),
    architectures: new Set(having.map(({ arch }) => arch)).size,
    partialEntries: controlled.length,
    points: evenly(having, MOST_POINTS).map(({ entry, arch, regs, measure, gap }) => {
      return { entry, arch, regs, measure, gap };
    }),
  };
}

interface Measure {
  /** For a column's head. */
  title: string;
  /**
   * Is it made of the train accuracy or the train loss? The gap is train minus test accuracy, so such a measure moves
   * with it whatever the test accuracy does.
   */
  coupled: boolean;
  couplingReason: string;
  /** Null where the run does not have it. */
  of(run: Run, metrics: RunMetrics, protocol: Protocol): number | null;
}

const RANDOM_LABELS =
  "It is counted on random labels, which neither accuracy of the gap is made of.";
const SPECTRUM = "It is made of the features' spectrum, without any label.";

/** One number per entry (method.md section 5): of what every result carries, and of what those with `--measures` add. */
const MEASURES = {
  params: {
    title: "parameters",
    coupled: false,
    couplingReason: "It is fixed before training.",
    of: (run) => run.params,
  },
  learnedComplexity: {
    title: "learned complexity",
    coupled: false,
    couplingReason: RANDOM_LABELS,
    of: (_, metrics) => metrics.learnedComplexity,
  },
  onlineComplexity: {
    title: "learned complexity while training",
    coupled: false,
    couplingReason: RANDOM_LABELS,
    of: onlineComplexity,
  },
  capacity: {
    title: "capacity",
    coupled: false,
    couplingReason: RANDOM_LABELS,
    of: (_, metrics) => metrics.capacity,
  },
  equivalentWidth: {
    title: "equivalent width",
    coupled: false,
    couplingReason: RANDOM_LABELS,
    of: (_, metrics) => metrics.equivalentWidth, // a bound stands in the order where it is
  },
  bits: {
    title: "memorized bits per sample",
    coupled: false,
    couplingReason:
      "It is the loss on random labels, which neither accuracy of the gap is made of.",
    of: (_, metrics) => metrics.bits,
  },
  effectiveRank: {
    title: "effective rank",
    coupled: false,
    couplingReason: SPECTRUM,
    of: (_, metrics) => metrics.controls?.effectiveRank ?? null,
  },
  participationRatio: {
    title: "participation ratio",
    coupled: false,
    couplingReason: SPECTRUM,
    of: (_, metrics) => metrics.controls?.participationRatio ?? null,
  },
  cumulativeLoss: {
    title: "cumulative training loss",
    coupled: true,
    couplingReason: "It sums the loss of the class predictions that the train accuracy counts.",
    of: cumulativeLoss,
  },
  epochsToLearn: {
    title: "epoch that passes 90 % train accuracy",
    coupled: true,
    couplingReason: "It is read off the train accuracy itself, epoch by epoch.",
    of: epochsToLearn,
  },
  trainLoss: {
    title: "train loss",
    coupled: true,
    couplingReason: "It is the loss of the very predictions that the gap's train accuracy counts.",
    of: (_, metrics) => metrics.trainLoss,
  },
  ...MEASURE_NUMBERS,
} as const satisfies Record<string, Measure>;

type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as [MeasureName, ...MeasureName[]];

/** One entry in the board of measures: means over all its runs; null where a run lacks the number. */
export interface MeasuredEntry {
  /** Statement id. */
  entry: string;
  arch: string;
  regs: string;
  /** Train minus test accuracy. */
  gap: number | null;
  /** Of the last tap's features: D. */
  width: number | null;
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
    const isNumber = name !== "equivalentWidth" || !hasBothBounds(runs.map((run) => run.metrics));
    return [name, isNumber ? meanOfAll(values) : null];
  });
  return {
    entry: id,
    arch,
    regs,
    gap: meanOfAll(runs.map(({ metrics }) => metrics.gap)),
    width: meanOfAll(runs.map(({ metrics }) => lastWidth(metrics))),
    measures: Object.fromEntries(measured) as MeasuredEntry["measures"],
  };
}

/** Of an entry that was stored when there were fewer measures: it has none of the others. */
export function wholeMeasures(
  stored: Partial<MeasuredEntry["measures"]>,
): MeasuredEntry["measures"] {
  const whole = MEASURE_NAMES.map((name) => [name, stored[name] ?? null]);
  return Object.fromEntries(whole) as MeasuredEntry["measures"];
}

function meanOfAll(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 || present.length < values.length ? null : mean(present);
}

/** Taps stand in order, so the last null is the last tap's. */
function lastWidth({ controls }: RunMetrics): number | null {
  return controls?.null.at(-1)?.width ?? null;
}

/** Like learned complexity, but from the last epoch's predictions before each update. */
function onlineComplexity(run: Run, { heads }: RunMetrics, protocol: Protocol): number | null {
  if (run.status === "diverged") return null;
  const last = tapsOf(run).length;
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

/** The first epoch, from 1, whose accuracy before each update exceeds 90 %; null when there is none. */
function epochsToLearn({ epochs }: Run): number | null {
  const at = epochs.findIndex(({ correct, seen }) => correct > 0.9 * seen);
  return at < 0 ? null : at + 1;
}
