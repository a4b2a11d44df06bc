/** @file From a run's counts to its numbers (method.md section 4). */

import type {
  ControlMetrics,
  FrozenHeadMetrics,
  HeadMetrics,
  RefitMetrics,
  RunMetrics,
  RunNumbers,
} from "./metrics-schema.ts";
import type { Protocol } from "./protocols.ts";
import type { Controls, HeadCounts, Run } from "./run.ts";
import { tapsOf } from "./architecture.ts";
import { frozenHeadDraws, headPlaces, isSamePlace, regularizedPlace } from "./head-places.ts";
import { normalizedAccuracy } from "./normalized-accuracy.ts";
import { parseRegularizers } from "./regularizers.ts";
import { equivalentWidth } from "./statistics/null-accuracy.ts";
import { mean } from "./statistics/t-interval.ts";

/** Everything that is shown of a run, recomputed from its counts. */
export function runMetrics(run: Run, protocol: Protocol): RunMetrics {
  const { final, trainSamples, testSamples } = run;
  const heads = headMetrics(run, protocol);
  const frozenHeads = frozenHeadMetrics(run, protocol);
  const controls = run.controls && controlMetrics(run.controls, trainSamples, protocol);
  return {
    seed: run.seed,
    status: run.status,
    epochs: run.epochs.length,
    ...taskNumbers(run),
    ...headlineNumbers(run, { heads, frozenHeads, controls }, protocol),
    clippedShare: clippedShare(run, protocol),
    seconds: run.timing.trainSeconds + run.timing.evaluateSeconds + run.timing.controlSeconds,
    imagesPerSecond: run.timing.imagesPerSecond,
    counts: {
      trainSamples,
      testSamples,
      trainCorrect: final?.trainCorrect ?? null,
      trainCleanCorrect: final?.trainCleanCorrect ?? null,
      testCorrect: final?.testCorrect ?? null,
    },
    heads,
    frozenHeads,
    controls,
  };
}

type TaskNumbers = Pick<
  RunNumbers,
  | "trainAccuracy"
  | "cleanTrainAccuracy"
  | "testAccuracy"
  | "gap"
  | "trainLoss"
  | "testLoss"
  | "lossGap"
>;

/** The numbers of the class task. */
function taskNumbers({ final, trainSamples, testSamples }: Run): TaskNumbers {
  const trainAccuracy = final && final.trainCorrect / trainSamples;
  const testAccuracy = final && final.testCorrect / testSamples;
  const trainLoss = final && final.trainLossSum / trainSamples;
  const testLoss = final && final.testLossSum / testSamples;
  return {
    trainAccuracy,
    cleanTrainAccuracy: final && final.trainCleanCorrect / trainSamples,
    testAccuracy,
    gap: difference(trainAccuracy, testAccuracy),
    trainLoss,
    testLoss,
    lossGap: difference(testLoss, trainLoss),
  };
}

function clippedShare({ epochs }: Run, { batch, clipNorm }: Protocol): number | null {
  const steps = epochs.reduce((sum, { seen }) => sum + seen / batch, 0);
  if (steps === 0 || clipNorm === null) return null;
  return epochs.reduce((sum, { clipped }) => sum + clipped, 0) / steps;
}

function controlMetrics(controls: Controls, samples: number, protocol: Protocol): ControlMetrics {
  const metrics = (counts: Controls["frozen"] | Controls["refit"]) =>
    counts.map((each) => refitMetrics({ told: null, ...each }, samples, protocol));
  return {
    refit: metrics(controls.refit),
    frozen: metrics(controls.frozen),
    null: controls.null,
    ...controls.spectrum,
  };
}

function refitMetrics(
  { tap, n, told, redraws }: Controls["refit"][number],
  samples: number,
  { measures }: Protocol,
): RefitMetrics {
  const accuracy = mean(redraws.slice(0, measures.refit.redraws)) / samples;
  return {
    tap,
    n,
    accuracy,
    capacity: normalizedAccuracy(accuracy, n),
    told: told === null ? null : told / samples,
    counts: { told, redraws },
  };
}

export { normalizedAccuracy };

/** B = log2 n - L/ln 2: memorized bits per sample, from the mean cross-entropy L in nats. */
export function memorisedBits(loss: number, n: number): number {
  return Math.log2(n) - loss / Math.LN2;
}

/** One entry per head of the protocol, in its order; of a diverged run only `online` is known. */
function headMetrics(run: Run, protocol: Protocol): HeadMetrics[] {
  const taps = tapsOf(run).length;
  const regularized = regularizedPlace(parseRegularizers(run.regs), protocol, taps);
  const lastEpoch = run.epochs.at(-1);
  return headPlaces(protocol, taps).map((place, i) => {
    return {
      ...place,
      regularized: isSamePlace(place, regularized),
      ...accuracies(run.heads?.[i], lastEpoch?.online[i], place.n, run),
    };
  });
}

/** One for each head on the trunk at initialization. */
function frozenHeadMetrics(run: Run, protocol: Protocol): FrozenHeadMetrics[] {
  const lastEpoch = run.epochs.at(-1);
  return frozenHeadDraws(protocol).map((draw, i) => ({
    draw,
    ...accuracies(run.frozenHeads?.[i], lastEpoch?.frozenOnline[i], protocol.headline, run),
  }));
}

/** @param online correct in the last epoch, before each update. */
function accuracies(
  head: Pick<HeadCounts, "final" | "unseen" | "lossSum"> | undefined,
  online: number | undefined,
  n: number,
  { epochs, trainSamples: m }: Run,
) {
  const final = head ? head.final / m : null;
  return {
    online: online === undefined ? null : online / epochs.at(-1)!.seen,
    final,
    normalized: final === null ? null : normalizedAccuracy(final, n),
    bits: head ? memorisedBits(head.lossSum / m, n) : null,
    unseen: head ? head.unseen / m : null,
    counts: { online: online ?? null, final: head?.final ?? null, unseen: head?.unseen ?? null },
  };
}

type HeadlineNumbers = Omit<
  RunNumbers,
  keyof TaskNumbers | "clippedShare" | "seconds" | "imagesPerSecond"
> &
  Pick<RunMetrics, "equivalentWidthBound">;

/** The numbers at the last tap and the headline n. */
function headlineNumbers(
  run: Run,
  { heads, frozenHeads, controls }: Pick<RunMetrics, "heads" | "frozenHeads" | "controls">,
  protocol: Protocol,
): HeadlineNumbers {
  const tap = tapsOf(run).length;
  const n = protocol.headline;
  const atHeadline = (each: { tap: number; n: number }) => each.tap === tap && each.n === n;
  const here = heads.filter(atHeadline);
  const free = here.filter(({ regularized }) => !regularized);
  const isFree = ({ draw }: FrozenHeadMetrics) => free.some((head) => head.draw === draw);
  const refit = controls?.refit.find(atHeadline);
  const learned = meanOf(free.map(({ normalized }) => normalized));
  const frozen = meanOf(frozenHeads.filter(isFree).map(({ normalized }) => normalized));
  const capacity = refit?.capacity ?? null;
  const frozenCapacity = controls?.frozen.find(atHeadline)?.capacity ?? null;
  const width = refit ? equivalentWidth(run.trainSamples, n, refit.accuracy) : null;
  const rungs = controls?.null.find(atHeadline);
  const leverages = rungs ? normalizedAccuracy(rungs.leverages, n) : null;
  return {
    learnedComplexity: learned,
    regularizedComplexity: here.find(({ regularized }) => regularized)?.normalized ?? null,
    frozenComplexity: frozen,
    learnedMinusFrozen: difference(learned, frozen),
    capacity,
    frozenCapacity,
    capacityMinusFrozen: difference(capacity, frozenCapacity),
    equivalentWidth: width?.width ?? null,
    equivalentWidthBound: width?.bound ?? null,
    selectivity: refit ? selectivity(refit, run.trainSamples) : null,
    countsNull: rungs ? normalizedAccuracy(rungs.counts, n) : null,
    spectrumNull: rungs ? normalizedAccuracy(rungs.spectrum, n) : null,
    leveragesNull: leverages,
    capacityMinusLeverages: difference(capacity, leverages),
    bits: meanOf(free.map(({ bits }) => bits)),
  };
}

/** A of the told labelling minus the mean over every redraw; null where it is not measured. */
export function selectivity(
  { n, told, counts }: Pick<RefitMetrics, "n" | "told" | "counts">,
  samples: number,
): number | null {
  if (told === null) return null;
  const redrawn = mean(counts.redraws) / samples;
  return normalizedAccuracy(told, n) - normalizedAccuracy(redrawn, n);
}

/** Bounds of both kinds among runs: then the mean of their equivalent widths is no number. */
export function hasBothBounds(runs: readonly Pick<RunMetrics, "equivalentWidthBound">[]): boolean {
  return new Set(runs.flatMap((run) => run.equivalentWidthBound ?? [])).size === 2;
}

/** a - b; null when either is. */
function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

/** Mean over the heads of one run, of which either all or none were measured. */
function meanOf(values: (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : mean(present);
}
