/** @file From a trial of a few steps to what a whole configuration will take. */

import type { Protocol } from "../../record/protocols.ts";
import { stepsPerEpoch } from "../../record/head-places.ts";
import type { TrialMessage } from "../train/messages.ts";
import type { Weight } from "../train/weight.ts";
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
  /** Null, as all seconds, where the machine has too little memory to try a step. */
  secondsPerStep: number | null;
  /** One seed: training, evaluation, and a tenth of training for the controls. */
  secondsPerSeed: number | null;
  /** All seeds one after the other, with recording the graph once. */
  seconds: number | null;
  /** Peak resident memory of one worker. */
  memoryBytes: number;
  /** What stays on disk, and one checkpoint while training. */
  diskBytes: number;
}

/** Judges one configuration by its trial. */
export function estimate(
  { configuration, protocol }: Wish,
  { train, test }: { train: number; test: number },
  trial: TrialMessage | null,
  weight: Weight | null,
): Estimate {
  const { arch, regs, seeds, limit } = configuration;
  const epochs = Math.min(protocol.epochs, limit ?? Infinity);
  const steps = epochs * stepsPerEpoch(protocol, train);
  const parameters = trial?.parameters ?? weight?.parameters ?? 0;
  const secondsPerSeed =
    trial &&
    steps * trial.secondsPerStep * (1 + CONTROLS_SHARE) +
      (train + test) * trial.evaluateSecondsPerImage;
  return {
    arch,
    regs,
    parameters,
    seeds: seeds.length,
    steps,
    secondsPerStep: trial && trial.secondsPerStep,
    secondsPerSeed,
    seconds: trial && trial.setupSeconds + seeds.length * secondsPerSeed!,
    memoryBytes: Math.max(trial?.residentBytes ?? 0, weight?.bytes ?? 0),
    diskBytes:
      seeds.length * (BYTES_PER_SEED + epochs * BYTES_PER_EPOCH) +
      checkpointBytes(parameters, protocol),
  };
}

/** Null when one is not known. Wall-clock seconds of all, were `lanes` workers evenly filled and independent of each other. */
export function totalSeconds(estimates: Estimate[], lanes: number): number | null {
  const each = estimates.flatMap(({ seconds }) => seconds ?? []);
  if (each.length < estimates.length) return null;
  const sum = each.reduce((total, seconds) => total + seconds, 0);
  const longest = Math.max(...estimates.map(({ secondsPerSeed }) => secondsPerSeed ?? 0));
  return Math.max(sum / lanes, longest);
}

/** Float32 parameters with one (SGD) or two (AdamW) running means each. */
function checkpointBytes(parameters: number, { optimizer }: Protocol): number {
  return 4 * parameters * (optimizer.kind === "sgd" ? 2 : 3);
}
