/** @file From a run's counts to its numbers (method.md section 4). */

import { difference, headlineNumbers } from "./headline.ts";
import { headMetrics } from "./head-metrics.ts";
import type { ControlMetrics, RunMetrics, RunNumbers } from "./metrics-schema.ts";
import type { Protocol } from "./protocol.ts";
import type { Controls, Run } from "./run.ts";

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

/** Of the class task. */
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
