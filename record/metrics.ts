/** @file From a run's counts to its numbers (method.md section 4). */

import type { ControlMetrics, HeadMetrics, RunMetrics, RunNumbers } from "./metrics-schema.ts";
import type { Protocol } from "./protocols.ts";
import type { Controls, Run } from "./run.ts";
import { parseArchitecture, tapCount } from "./architecture.ts";
import { headPlaces, isSamePlace, regularizedPlace } from "./head-places.ts";
import { normalizedAccuracy } from "./normalized-accuracy.ts";
import { parseRegularizers } from "./regularizers.ts";
import { mean } from "./statistics/t-interval.ts";

/** Everything that is shown of a run, recomputed from its counts. */
export function runMetrics(run: Run, protocol: Protocol): RunMetrics {
  const { final, controls, trainSamples, testSamples } = run;
  const heads = headMetrics(run, protocol);
  return {
    seed: run.seed,
    status: run.status,
    epochs: run.epochs.length,
    ...taskNumbers(run),
    ...headlineNumbers(run, heads, protocol),
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
    controls: controls === null ? null : controlMetrics(controls, trainSamples),
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

function controlMetrics(controls: Controls, samples: number): ControlMetrics {
  const accuracies = (counts: Controls["refit"]) =>
    counts.map(({ tap, n, correct }) => ({ tap, n, accuracy: correct / samples, correct }));
  return {
    refit: accuracies(controls.refit),
    frozen: accuracies(controls.frozen),
    null: controls.null,
    ...controls.spectrum,
  };
}

export { normalizedAccuracy };

/** B = log2 n - L/ln 2: memorised bits per sample, from the mean cross-entropy L in nats. */
export function memorisedBits(loss: number, n: number): number {
  return Math.log2(n) - loss / Math.LN2;
}

/** One entry per head of the protocol, in its order; of a diverged run only `online` is known. */
function headMetrics(run: Run, protocol: Protocol): HeadMetrics[] {
  const taps = tapCount(parseArchitecture(run.arch));
  const regularized = regularizedPlace(parseRegularizers(run.regs), protocol, taps);
  const lastEpoch = run.epochs.at(-1);
  return headPlaces(protocol, taps).map((place, i) => {
    const head = run.heads?.[i];
    const online = lastEpoch?.online[i] ?? null;
    const final = head ? head.final / run.trainSamples : null;
    return {
      ...place,
      regularized: isSamePlace(place, regularized),
      online: online === null ? null : online / lastEpoch!.seen,
      final,
      normalized: final === null ? null : normalizedAccuracy(final, place.n),
      bits: head ? memorisedBits(head.lossSum / run.trainSamples, place.n) : null,
      unseen: head ? head.unseen / run.trainSamples : null,
      counts: {
        online,
        final: head?.final ?? null,
        unseen: head?.unseen ?? null,
      },
    };
  });
}

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

/** The numbers at the last tap and the headline n. */
function headlineNumbers(run: Run, heads: HeadMetrics[], protocol: Protocol): HeadlineNumbers {
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
function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

/** Mean over the heads of one run, of which either all or none were measured. */
function meanOf(values: (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : mean(present);
}
