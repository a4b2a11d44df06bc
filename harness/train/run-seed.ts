/** @file One run, from its seed to its record: train, evaluate, measure the controls, write final.json. */

import { existsSync, rmSync } from "node:fs";
import { z } from "zod";
import { setImmediate } from "node:timers/promises";
import type { Configuration } from "../../record/configuration.ts";
import { protocolId } from "../../record/protocols.ts";
import {
  type Controls,
  EpochCounts,
  type FinalCounts,
  type HeadCounts,
  Run,
} from "../../record/run.ts";
import { appendText, makeFolder, writeAtomic, writeJsonAtomic } from "../files.ts";
import type { ControlMeter } from "../measure/controls.ts";
import { type RunFiles, runFiles } from "./run-files.ts";
import type { Trainer } from "./trainer.ts";
import type { EpochMessage, TrialMessage } from "./messages.ts";
import type { Values } from "../engine/tensorflow.ts";
import { headGroups } from "./head-bank.ts";
import {
  readCheckpoint,
  restoreCheckpoint,
  writeCheckpoint,
} from "../engine/session-checkpoint.ts";
import { EXIT, UserError } from "../errors.ts";
import { saveFeatures, savePerSample, saveSampleIndex } from "../measure/save.ts";

export interface SeedTask extends Pick<EpochsTask, "seed" | "stopping" | "onEpoch"> {
  outputFolder: string;
  configuration: Configuration;
  /** Called when training is over and the controls begin. */
  onControls(progress: Progress): void;
}

/** @returns how the run ended; unless stopped, its final.json is written. */
export async function runSeed(
  trainer: Trainer,
  meter: ControlMeter,
  task: SeedTask,
): Promise<"completed" | "diverged" | "stopped"> {
  const { seed, configuration } = task;
  const files = runFiles(task.outputFolder, seed);
  makeFolder(files.folder);
  trainer.start(seed);
  const id = protocolId(trainer.plan.protocol);
  const name = JSON.stringify([id, configuration.arch, configuration.regs, seed]);
  const progress = loadProgress(files.checkpoint, trainer, name);
  writeAtomic(files.metrics, progress.epochs.map(metricsLine).join(""));
  const save = () => saveProgress(files.checkpoint, trainer, progress, name);
  const ended = await trainEpochs(trainer, progress, {
    ...task,
    files,
    limit: configuration.limit,
    save,
  });
  if (ended === "stopped") return ended;
  // The measurement may take longer than an interrupting process waits before it kills.
  if (ended === "completed") save();
  const record = await measure(trainer, meter, task, progress, ended === "completed").catch(
    (error: unknown) => {
      if (error instanceof Stopped) return null;
      throw error;
    },
  );
  if (record === null) return "stopped";
  writeJsonAtomic(files.final, Run.parse(record));
  rmSync(files.checkpoint, { force: true });
  return record.status;
}

/** The record of a run whose epochs are done. @throws Stopped between two batches. */
async function measure(
  trainer: Trainer,
  meter: ControlMeter,
  task: SeedTask,
  progress: Progress,
  finite: boolean,
): Promise<Run> {
  const start = performance.now();
  const evaluation = finite ? await evaluateRun(trainer, task.stopping) : null;
  const evaluated = performance.now();
  const sound = evaluation !== null && isAllFinite(evaluation) ? evaluation : null;
  if (sound) {
    task.onControls(progress);
    saveExtras(task.outputFolder, task.seed, task.configuration.save, trainer, sound);
  }
  const controls = sound && (await measureControls(trainer, meter, sound, task.stopping));
  const seen = progress.epochs.reduce((sum, epoch) => sum + epoch.seen, 0);
  const { plan, samples, built } = trainer;
  return {
    protocol: protocolId(plan.protocol),
    arch: task.configuration.arch,
    regs: task.configuration.regs,
    seed: task.seed,
    status: sound ? "completed" : "diverged",
    params: built.network.net.size,
    trainSamples: samples.trainClasses.length,
    testSamples: samples.testClasses.length,
    epochs: progress.epochs,
    final: sound?.final ?? null,
    heads: sound?.heads ?? null,
    frozenHeads: sound ? [] : null,
    controls,
    timing: {
      trainSeconds: progress.trainSeconds,
      evaluateSeconds: (evaluated - start) / 1000,
      controlSeconds: (performance.now() - evaluated) / 1000,
      imagesPerSecond: progress.trainSeconds > 0 ? seen / progress.trainSeconds : 0,
    },
  };
}

/** Whether every number of an evaluation is finite: a network can diverge in its very last step. */
function isAllFinite({ final, heads, features }: Evaluation): boolean {
  const sums = [final.trainLossSum, final.testLossSum, ...heads.map(({ lossSum }) => lossSum)];
  return (
    sums.every(Number.isFinite) && features.every(({ values }) => values.every(Number.isFinite))
  );
}

/** Overwrites the session's weights: the frozen trunk is this seed's initial one. */
async function measureControls(
  trainer: Trainer,
  meter: ControlMeter,
  { features }: Evaluation,
  stopping: SeedTask["stopping"],
): Promise<Controls> {
  trainer.initialize();
  await trainer.calibrate();
  return meter.measure(trainer.plan.protocol, {
    samples: trainer.samples.trainClasses.length,
    features,
    frozen: await tapFeatures(trainer, stopping),
    told: (n) => trainer.labels.get("random-label", n, 0),
    redraw: (n, k) => trainer.labels.get("redraw", n, k),
    regularizers: trainer.plan.regularizers,
  });
}

/** Seconds between two checkpoints, which is what a kill can cost; to be set for slow disks, and by tests. */
const CHECKPOINT_VARIABLE = "RADEMARK_CHECKPOINT_SECONDS";

const checkpointSeconds = () => Number(process.env[CHECKPOINT_VARIABLE] || 10);

interface EpochsTask {
  seed: number;
  files: RunFiles;
  /** Epochs after which the run ends early; null: the protocol's. */
  limit: number | null;
  /** Asked after every call; true means save and end. */
  stopping(): Promise<boolean>;
  save(): void;
  onEpoch: (message: Omit<EpochMessage, "type" | "folder">) => void;
}

/** Trains from `progress` on, and keeps it up to date. */
async function trainEpochs(
  trainer: Trainer,
  progress: Progress,
  task: EpochsTask,
): Promise<"completed" | "diverged" | "stopped"> {
  const { epochs } = trainer.plan.protocol;
  const end = Math.min(epochs, task.limit ?? epochs);
  const clock = { saved: performance.now(), last: performance.now() };
  while (progress.epochs.length < end) {
    clock.last = performance.now();
    for await (const step of trainer.train(progress.epochs.length, progress.step)) {
      progress.trainSeconds += (performance.now() - clock.last) / 1000;
      progress.step = step;
      if (step < trainer.steps && (await pause(task, clock))) return "stopped";
      clock.last = performance.now();
    }
    const counted = trainer.counted(trainer.steps);
    if (!Number.isFinite(counted.lossSum)) return "diverged";
    finishEpoch(trainer, progress, counted, task);
    if (await pause(task, clock)) return "stopped";
  }
  return "completed";
}

/** Saves when a checkpoint is due or a stop was requested. @returns whether to stop. */
async function pause(task: EpochsTask, clock: { saved: number }): Promise<boolean> {
  const stopping = await task.stopping();
  if (stopping || performance.now() - clock.saved > checkpointSeconds() * 1000) {
    task.save();
    clock.saved = performance.now();
  }
  return stopping;
}

function finishEpoch(
  trainer: Trainer,
  progress: Progress,
  counted: EpochCounts,
  { seed, files, limit, onEpoch }: EpochsTask,
): void {
  progress.epochs.push(counted);
  progress.step = 0;
  appendText(files.metrics, metricsLine(counted, progress.epochs.length - 1));
  const { plan } = trainer;
  const seen = progress.epochs.reduce((sum, epoch) => sum + epoch.seen, 0);
  onEpoch({
    seed,
    epoch: progress.epochs.length,
    epochs: Math.min(plan.protocol.epochs, limit ?? Infinity),
    imagesPerSecond: seen / progress.trainSeconds,
    trainAccuracy: counted.correct / counted.seen,
    randomLabels: headlineAccuracy(trainer, counted),
    phase: "train",
  });
}

/** Online accuracy of the last tap's first draw at the headline label space. */
export function headlineAccuracy({ plan }: Trainer, { online, seen }: EpochCounts) {
  const n = plan.protocol.headline;
  const head = plan.heads.findIndex((h) => h.tap === plan.taps && h.n === n);
  return { n, accuracy: online[head]! / seen };
}

/** A line of metrics.jsonl, fields in the schema's order; `i` counts epochs from 0. */
const metricsLine = (counts: EpochCounts, i: number) =>
  `${JSON.stringify({ epoch: i + 1, ...EpochCounts.parse(counts) })}\n`;

const Progress = z.strictObject({
  /** Finished epochs. */
  epochs: z.array(EpochCounts),
  /** Steps done in the current one. */
  step: z.int().min(0),
  trainSeconds: z.number().min(0),
});

/** How far a run has come, kept in its checkpoint so that a killed run resumes as if nothing had happened. */
type Progress = z.infer<typeof Progress>;

const noProgress = (): Progress => ({ epochs: [], step: 0, trainSeconds: 0 });

/** @param run identifies the run: protocol, configuration and seed. */
function saveProgress(path: string, trainer: Trainer, progress: Progress, run: string): void {
  const metadata = { run, progress: JSON.stringify(progress) };
  writeCheckpoint(path, trainer.session, trainer.built.state, metadata);
}

/**
 * Restores the session from its checkpoint, if there is one.
 *
 * @returns how far the run has come.
 * @throws UserError when the checkpoint is damaged or belongs to another run.
 */
function loadProgress(path: string, trainer: Trainer, run: string): Progress {
  if (!existsSync(path)) return noProgress();
  const checkpoint = readCheckpoint(path);
  const { run: found, progress } = checkpoint.metadata;
  if (found !== run || !progress)
    throw new UserError(
      `${path} belongs to another run (${found}), this is ${run}. Delete it to start over.`,
      EXIT.verification,
    );
  restoreCheckpoint(trainer.session, trainer.built.state, checkpoint);
  return Progress.parse(JSON.parse(progress));
}

type Split = "train" | "test";

/** Features of one tap for all training samples: float32 [m, width], row by row. */
interface TapFeatures {
  tap: number;
  width: number;
  values: Float32Array;
}

interface Evaluation {
  final: FinalCounts;
  heads: HeadCounts[];
  features: TapFeatures[];
  /** Per training sample, 0 or 1: [m], and [m] for each head in the plan's order. */
  classCorrect: Uint8Array;
  randomLabelCorrect: Uint8Array[];
}

/** Thrown by an evaluation that was asked to stop; it has changed nothing. */
class Stopped extends Error {}

type Stopping = () => Promise<boolean>;
const never: Stopping = () => Promise.resolve(false);

/** Calls `onBatch` with the outputs for each batch, of which the first `count` rows are real. */
async function overSplit(
  trainer: Trainer,
  split: Split,
  stopping: Stopping,
  onBatch: (outputs: Record<string, Values>, start: number, count: number) => void,
): Promise<void> {
  const { samples, sizes, session } = trainer;
  const total = (split === "train" ? samples.trainClasses : samples.testClasses).length;
  for (let start = 0; start < total; start += sizes.evaluateBatch) {
    if (await stopping()) throw new Stopped();
    const count = Math.min(sizes.evaluateBatch, total - start);
    // A last partial batch is filled up with copies of its first sample, which `count` leaves out.
    const row = (_: unknown, i: number) => start + (i < count ? i : 0);
    const rows = Int32Array.from({ length: sizes.evaluateBatch }, row);
    const pixels = await trainer.evaluationPixels(split, rows);
    onBatch(session.run(`evaluate-${split}`, { rows, ...pixels }), start, count);
  }
}

/** @throws Stopped between two batches. */
export async function evaluateRun(trainer: Trainer, stopping = never): Promise<Evaluation> {
  const train = await evaluateTrain(trainer, stopping);
  const { testClasses } = trainer.samples;
  let [testCorrect, testLossSum] = [0, 0];
  await overSplit(trainer, "test", stopping, (outputs, start, count) => {
    testCorrect += countEqual(outputs["class"]!, testClasses, start, count);
    testLossSum += sum(outputs["classLoss"]!, count);
  });
  return { ...train, final: { ...train.final, testCorrect, testLossSum } };
}

/** Features of every tap in evaluation mode, without the heads. @throws Stopped between two batches. */
async function tapFeatures(trainer: Trainer, stopping = never): Promise<TapFeatures[]> {
  const features = emptyFeatures(trainer);
  await overSplit(trainer, "train", stopping, (outputs, start, count) =>
    storeFeatures(features, outputs, start, count),
  );
  return features;
}

async function evaluateTrain(trainer: Trainer, stopping: Stopping) {
  const { samples, trainedClasses, plan } = trainer;
  const m = samples.trainClasses.length;
  const final = { trainCorrect: 0, trainCleanCorrect: 0, trainLossSum: 0 };
  const features = emptyFeatures(trainer);
  const predicted = plan.heads.map(() => new Int32Array(m));
  const losses = plan.heads.map(() => 0);
  const classCorrect = new Uint8Array(m);
  await overSplit(trainer, "train", stopping, (outputs, start, count) => {
    const classes = outputs["class"]!;
    final.trainCleanCorrect += countEqual(classes, samples.trainClasses, start, count);
    final.trainLossSum += sum(outputs["classLoss"]!, count);
    for (let i = 0; i < count; i++)
      classCorrect[start + i] = classes[i] === trainedClasses[start + i] ? 1 : 0;
    storeFeatures(features, outputs, start, count);
    storeHeads(trainer, outputs, start, count, predicted, losses);
  });
  final.trainCorrect = sum(classCorrect, m);
  const randomLabelCorrect = plan.heads.map(({ n, draw }, h) => {
    const own = trainer.labels.get("random-label", n, draw);
    return Uint8Array.from(own, (label, i) => (predicted[h]![i] === label ? 1 : 0));
  });
  const heads = headCounts(trainer, predicted, losses);
  return { final, features, heads, classCorrect, randomLabelCorrect };
}

function storeHeads(
  { plan }: Trainer,
  outputs: Record<string, Values>,
  start: number,
  count: number,
  predicted: Int32Array[],
  losses: number[],
): void {
  for (let tap = 1; tap <= plan.taps; tap++)
    for (const { first, draws } of headGroups(plan, tap)) {
      const labels = outputs[`head-${first}`]!;
      const loss = outputs[`head-loss-${first}`]!;
      for (let i = 0; i < count * draws; i++) {
        const head = first + (i % draws);
        predicted[head]![start + Math.floor(i / draws)] = labels[i]!;
        losses[head]! += loss[i]!;
      }
    }
}

function headCounts({ plan, labels }: Trainer, predicted: Int32Array[], losses: number[]) {
  return plan.heads.map(({ tap, n, draw }, i): HeadCounts => {
    const correct = (kind: "random-label" | "unseen-label") =>
      countEqual(predicted[i]!, labels.get(kind, n, draw), 0, predicted[i]!.length);
    return {
      tap,
      n,
      draw,
      regularized: i === plan.regularizedHead,
      final: correct("random-label"),
      unseen: correct("unseen-label"),
      lossSum: losses[i]!,
    };
  });
}

function emptyFeatures({ built, samples }: Trainer): TapFeatures[] {
  const m = samples.trainClasses.length;
  return built.network.trunk.tapWidths.map((width, i) => ({
    tap: i + 1,
    width,
    values: new Float32Array(m * width),
  }));
}

function storeFeatures(
  features: TapFeatures[],
  outputs: Record<string, Values>,
  start: number,
  count: number,
): void {
  for (const { tap, width, values } of features) {
    const batch = outputs[`tap${tap}`] as Float32Array;
    values.set(batch.subarray(0, count * width), start * width);
  }
}

/** How many of the first `count` equal the labels from `start` on. */
function countEqual(a: ArrayLike<number>, labels: Int32Array, start: number, count: number) {
  let equal = 0;
  for (let i = 0; i < count; i++) if (a[i] === labels[start + i]) equal++;
  return equal;
}

function sum(values: ArrayLike<number>, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i]!;
  return total;
}

/** What `--save features,per-sample` asks for, to be joined with data of others. */
function saveExtras(
  outputFolder: string,
  seed: number,
  wanted: Configuration["save"],
  { plan, samples }: Trainer,
  { features, classCorrect, randomLabelCorrect }: Evaluation,
): void {
  const { folder } = runFiles(outputFolder, seed);
  if (wanted.length > 0) saveSampleIndex(folder, samples.trainIndices);
  if (wanted.includes("features")) saveFeatures(folder, samples.trainIndices.length, features);
  if (wanted.includes("per-sample"))
    savePerSample(folder, { classCorrect, heads: plan.heads, randomLabelCorrect });
}

/** Times two calls each of training and evaluation; the first optimises the graph, so the second is the one that counts. */
export async function trial(
  trainer: Trainer,
): Promise<
  Pick<TrialMessage, "parameters" | "secondsPerStep" | "evaluateSecondsPerImage" | "residentBytes">
> {
  trainer.start(0);
  const { stepsPerCall, evaluateBatch } = trainer.sizes;
  let [then, secondsPerStep] = [performance.now(), 0];
  for await (const _ of trainer.train(0, 0, Math.min(2 * stepsPerCall, trainer.steps))) {
    secondsPerStep = (performance.now() - then) / 1000 / stepsPerCall;
    await setImmediate();
    then = performance.now();
  }
  const rows = new Int32Array(evaluateBatch);
  let evaluateSeconds = 0;
  for (let i = 0; i < 2; i++) {
    const pixels = await trainer.evaluationPixels("test", rows);
    const start = performance.now();
    trainer.session.run("evaluate-test", { rows, ...pixels });
    evaluateSeconds = (performance.now() - start) / 1000;
  }
  return {
    parameters: trainer.built.network.net.size,
    secondsPerStep,
    evaluateSecondsPerImage: evaluateSeconds / evaluateBatch,
    residentBytes: process.resourceUsage().maxRSS * 1024,
  };
}
