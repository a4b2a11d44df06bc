/** @file Trials of configurations: a few steps of each, in a worker, in a temporary folder. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FLATNESS_SAMPLES } from "../../record/run-measures.ts";
import { EXIT, UserError } from "../errors.ts";
import { onDisk, writeJsonAtomic } from "../files.ts";
import type { EstimateMessage, TrialMessage } from "../train/messages.ts";
import { readSources, writeSources } from "../custom-sources.ts";
import type { OutputFolder, PlannedRun } from "./run-folder.ts";
import { type Progress, WorkerProcess } from "./pool.ts";
import type { Protocol } from "../../record/protocols.ts";
import { stepsPerEpoch } from "../../record/head-places.ts";
import type { MemoryEstimate } from "../train/memory-estimate.ts";

/**
 * One trial for each planned run, one after the other.
 *
 * @param interrupted ends everything at once: a trial has nothing to keep.
 * @throws UserError when a configuration cannot be trained here.
 */
export async function runTrials(
  plannedRuns: PlannedRun[],
  module: string,
  interrupted: AbortSignal,
  onTrial: (plannedRun: PlannedRun) => void,
  variables: Record<string, string> = {},
): Promise<TrialMessage[]> {
  const trials: TrialMessage[] = [];
  await inWorkers(plannedRuns, { module, interrupted, variables }, async (plannedRun, ask) => {
    onTrial(plannedRun);
    const trial = await ask("trial");
    if (trial?.type !== "trial") throw new Error("the worker ended a trial without its result");
    trials.push(trial);
  });
  return trials;
}

/** The memory that each will take, estimated from its shapes. */
export async function estimateAll<T extends TrialRun>(
  plannedRuns: readonly T[],
  module: string,
  interrupted: AbortSignal,
  variables: Record<string, string>,
): Promise<Map<T, EstimateMessage>> {
  const estimates = new Map<T, EstimateMessage>();
  await inWorkers(plannedRuns, { module, interrupted, variables }, async (plannedRun, ask) => {
    const answer = await ask("estimate");
    if (answer?.type === "estimate") estimates.set(plannedRun, answer);
  });
  return estimates;
}

/** Of a run that is planned, or of a folder that was begun; whoever asks has asked whether its code may run. */
type TrialRun = Pick<PlannedRun, "configuration" | "protocol"> &
  (Pick<PlannedRun, "sources"> | Pick<OutputFolder, "path">);
type AskWorker = (type: "trial" | "estimate") => Promise<Progress | null>;

async function inWorkers<T extends TrialRun>(
  plannedRuns: readonly T[],
  how: { module: string; interrupted: AbortSignal; variables: Record<string, string> },
  each: (plannedRun: T, ask: AskWorker) => Promise<void>,
): Promise<void> {
  const { module, interrupted, variables } = how;
  const root = onDisk(() => mkdtempSync(join(tmpdir(), "rademark-trial-")));
  const workers = new Map<number, WorkerProcess>();
  const kill = () => workers.forEach((worker) => worker.kill());
  interrupted.addEventListener("abort", kill);
  try {
    for (const plannedRun of plannedRuns) {
      const { threads } = plannedRun.configuration;
      const worker = workers.get(threads) ?? new WorkerProcess(module, threads, variables);
      workers.set(threads, worker);
      await each(plannedRun, (type) => askWorker(plannedRun, type, root, worker, interrupted));
    }
  } finally {
    interrupted.removeEventListener("abort", kill);
    await Promise.all(Array.from(workers.values(), (worker) => worker.close()));
    rmSync(root, { recursive: true, force: true });
  }
}

async function askWorker(
  trialRun: TrialRun,
  type: "trial" | "estimate",
  folder: string,
  worker: WorkerProcess,
  interrupted: AbortSignal,
): Promise<Progress | null> {
  const { configuration, protocol } = trialRun;
  const { source, regSource } = configuration;
  writeJsonAtomic(join(folder, "protocol.json"), protocol);
  const isBegun = "path" in trialRun;
  writeSources(folder, isBegun ? readSources(trialRun.path, configuration) : trialRun.sources);
  writeJsonAtomic(join(folder, "config.json"), configuration);
  let answer: Progress | null = null;
  const end = await worker.run(
    { type, folder, code: [source, regSource].filter((digest) => digest !== null) },
    { onProgress: (message) => void (answer = message), onLog: () => undefined },
  );
  if (interrupted.aborted) throw new UserError("Interrupted.", EXIT.interrupted);
  const name = `${configuration.arch} ${configuration.regs}`;
  if (end.type === "failed") throw new UserError(`${name}: ${end.message}`, end.exitCode);
  return answer;
}

/** Controls take less than this share of a cnn-16 run; a trial does not measure them. */
const CONTROLS_SHARE = 0.1;

/** A generous bound for final.json, metrics.jsonl and log.txt of one epoch. */
const BYTES_PER_EPOCH = 4_000;

const BYTES_PER_SEED = 100_000;

/** What a whole configuration will take in time, memory and disk space. */
export interface Estimate {
  arch: string;
  regs: string;
  parameters: number;
  seeds: number;
  steps: number;
  /** Null, like all seconds here, where the machine has too little memory for a trial. */
  secondsPerStep: number | null;
  /** One seed: training, evaluations, and a tenth of training for the controls. */
  secondsPerSeed: number | null;
  /** All seeds one after the other, and recording the graph once. */
  seconds: number | null;
  /** Peak resident memory of one worker. */
  memoryBytes: number;
  /** What stays on disk, and one checkpoint while training. */
  diskBytes: number;
}

/** Estimates one configuration from its trial and its memory. */
export function estimate(
  { configuration, protocol }: PlannedRun,
  { train, test }: { train: number; test: number },
  trial: TrialMessage | null,
  memory: MemoryEstimate | null,
): Estimate {
  const { arch, regs, seeds, limit } = configuration;
  const epochs = Math.min(protocol.epochs, limit ?? Infinity);
  const steps = epochs * stepsPerEpoch(protocol, train);
  const parameters = trial?.parameters ?? memory?.parameters ?? 0;
  const secondsPerSeed =
    trial &&
    steps * trial.secondsPerStep * (1 + CONTROLS_SHARE) +
      (evaluations(protocol, epochs) * (train + test) + measuredImages(configuration)) *
        trial.evaluateSecondsPerImage;
  return {
    arch,
    regs,
    parameters,
    seeds: seeds.length,
    steps,
    secondsPerStep: trial && trial.secondsPerStep,
    secondsPerSeed,
    seconds: trial && trial.setupSeconds + seeds.length * secondsPerSeed!,
    memoryBytes: Math.max(trial?.residentBytes ?? 0, memory?.bytes ?? 0),
    diskBytes:
      seeds.length * (BYTES_PER_SEED + epochs * BYTES_PER_EPOCH) +
      checkpointBytes(parameters, protocol),
  };
}

/** At the end, and as often before as the protocol asks for. */
const evaluations = ({ evaluateEvery }: Protocol, epochs: number) =>
  1 + (evaluateEvery === null ? 0 : Math.floor(epochs / evaluateEvery));

/** Flatness looks at its samples in 5 draws x 8 halvings at most, and once without noise; mixup at as many pairs. */
const measuredImages = ({ measures }: PlannedRun["configuration"]) =>
  measures ? (5 * 8 + 2) * FLATNESS_SAMPLES : 0;

/** Wall-clock seconds of all, if `lanes` workers were evenly filled and independent; null when one is unknown. */
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
