/** @file From a trial of a few steps to what a whole configuration will take. */

import { DATASETS } from "../../record/datasets.ts";
import type { Protocol } from "../../record/protocol.ts";
import { stepsPerEpoch } from "../../record/schedule.ts";
import type { TrialMessage } from "../train/messages.ts";
import type { Wish } from "./output-folder.ts";

/** Controls stay below this share of a cnn-16 run; they are not tried out. */
const CONTROLS_SHARE = 0.1;
/** final.json, metrics.jsonl and log.txt of one epoch, generously. */
const BYTES_PER_EPOCH = 2_000;
const BYTES_PER_SEED = 100_000;

export interface Estimate {
  arch: string;
  regs: string;
  parameters: number;
  seeds: number;
  steps: number;
  secondsPerStep: number;
  /** One seed: training, evaluation, and a tenth of training for the controls. */
  secondsPerSeed: number;
  /** All seeds one after the other, with recording the graph once. */
  seconds: number;
  /** Peak resident memory of one worker. */
  memoryBytes: number;
  /** What stays on disk, and one checkpoint while training. */
  diskBytes: number;
}

/** Judges one configuration by its trial. */
export function estimate({ configuration, protocol }: Wish, trial: TrialMessage): Estimate {
  const { arch, regs, seeds, limit } = configuration;
  const { train, test } = samplesOf(protocol);
  const epochs = Math.min(protocol.epochs, limit ?? Infinity);
  const steps = epochs * stepsPerEpoch(protocol, train);
  const training = steps * trial.secondsPerStep;
  const evaluation = (train + test) * trial.evaluateSecondsPerImage;
  const secondsPerSeed = training * (1 + CONTROLS_SHARE) + evaluation;
  return {
    arch,
    regs,
    parameters: trial.parameters,
    seeds: seeds.length,
    steps,
    secondsPerStep: trial.secondsPerStep,
    secondsPerSeed,
    seconds: trial.setupSeconds + seeds.length * secondsPerSeed,
    memoryBytes: trial.residentBytes,
    diskBytes:
      seeds.length * (BYTES_PER_SEED + epochs * BYTES_PER_EPOCH) +
      checkpointBytes(trial.parameters, protocol),
  };
}

/** Wall-clock seconds of all, were `lanes` workers evenly filled and independent of each other. */
export function totalSeconds(estimates: Estimate[], lanes: number): number {
  const sum = estimates.reduce((total, { seconds }) => total + seconds, 0);
  const longest = Math.max(...estimates.map(({ secondsPerSeed }) => secondsPerSeed));
  return Math.max(sum / lanes, longest);
}

/** Float32 parameters with one (SGD) or two (AdamW) running means each. */
function checkpointBytes(parameters: number, { optimizer }: Protocol): number {
  return 4 * parameters * (optimizer.kind === "sgd" ? 2 : 3);
}

function samplesOf({ subset, classes, dataset }: Protocol): { train: number; test: number } {
  const { trainSamples, testSamples } = DATASETS[dataset];
  return { train: subset ? subset.perClass * classes : trainSamples, test: testSamples };
}
