/** @file One run, from its seed to its record: train, evaluate, measure the controls, write final.json. */

import { existsSync, rmSync } from "node:fs";
import { z } from "zod";
import { setImmediate } from "node:timers/promises";
import type { Configuration } from "../../record/configuration.ts";
import { protocolId } from "../../record/protocols.ts";
import type { HeadPlace } from "../../record/head-places.ts";
import { type Controls, EpochCounts, type FrozenHeadCounts, Run } from "../../record/run.ts";
import type { RunMeasures } from "../../record/run-measures.ts";
import { appendText, makeFolder, writeAtomic, writeJsonAtomic } from "../files.ts";
import type { ControlMeter } from "../measure/controls.ts";
import { type RunFiles, runFiles } from "./run-files.ts";
import type { Trainer } from "./trainer.ts";
import type { EpochMessage, TrialMessage } from "./messages.ts";
import {
  type Evaluation,
  Stopped,
  type Stopping,
  evaluateClasses,
  evaluateFrozen,
  evaluateRun,
} from "./evaluation.ts";
import {
  readCheckpoint,
  restoreCheckpoint,
  writeCheckpoint,
} from "../engine/session-checkpoint.ts";
import { EXIT, UserError } from "../errors.ts";
import { canaryAt } from "./canaries.ts";
import { type TrainedMeasures, layerNorms, measureTrained } from "./measuring.ts";
import { saveCanaries, saveFeatures, savePerSample, saveSampleIndex } from "../measure/save.ts";

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
  const lines = progress.epochs.map((counts, i) => metricsLine(counts, i, trainer.plan));
  writeAtomic(files.metrics, lines.join(""));
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
  const further = sound && (await timedMeasures(trainer, sound, task.stopping));
  const measured = sound && (await measureControls(trainer, meter, sound, task.stopping));
  const layered = performance.now();
  const measures =
    measured && further && (await wholeMeasures(trainer, further.trained, task.stopping));
  const seen = progress.epochs.reduce((sum, epoch) => sum + epoch.seen, 0);
  const { plan, samples, built } = trainer;
  return {
    protocol: protocolId(plan.protocol),
    arch: task.configuration.arch,
    regs: task.configuration.regs,
    seed: task.seed,
    status: measured ? "completed" : "diverged",
    customTaps: task.configuration.customTaps,
    params: built.network.net.size,
    trainSamples: samples.trainClasses.length,
    testSamples: samples.testClasses.length,
    epochs: progress.epochs,
    final: measured && sound.final,
    heads: measured && sound.heads,
    frozenHeads: measured && measured.frozenHeads,
    controls: measured && measured.controls,
    measures,
    timing: {
      trainSeconds: progress.trainSeconds,
      evaluateSeconds: progress.evaluateSeconds + (evaluated - start) / 1000,
      controlSeconds: (performance.now() - evaluated) / 1000,
      measureSeconds: further ? further.seconds + (performance.now() - layered) / 1000 : 0,
      imagesPerSecond: progress.trainSeconds > 0 ? seen / progress.trainSeconds : 0,
    },
  };
}

/** Null where they are not asked for. @throws Stopped between two batches. */
async function timedMeasures(trainer: Trainer, evaluation: Evaluation, stopping: Stopping) {
  if (!trainer.plan.measures) return null;
  const start = performance.now();
  const trained = await measureTrained(trainer, evaluation, stopping);
  return { trained, seconds: (performance.now() - start) / 1000 };
}

/** To be called once the controls have put the initial network into the session. @throws Stopped between two layers. */
async function wholeMeasures(
  trainer: Trainer,
  { measures, weights }: TrainedMeasures,
  stopping: Stopping,
): Promise<RunMeasures> {
  return { ...measures, layers: weights && (await layerNorms(trainer, weights, stopping)) };
}

/** Whether every number of an evaluation is finite: a network can diverge in its very last step. */
function isAllFinite({ final, heads, features }: Evaluation): boolean {
  const sums = [final.trainLossSum, final.testLossSum, ...heads.map(({ lossSum }) => lossSum)];
  return (
    sums.every(Number.isFinite) && features.every(({ values }) => values.every(Number.isFinite))
  );
}

/** Overwrites the session's trunk. @returns null when a head on the frozen trunk has diverged. */
async function measureControls(
  trainer: Trainer,
  meter: ControlMeter,
  { features }: Evaluation,
  stopping: Stopping,
): Promise<{ controls: Controls; frozenHeads: FrozenHeadCounts[] } | null> {
  const frozen = await evaluateFrozen(trainer, stopping);
  if (!frozen.heads.every(({ lossSum }) => Number.isFinite(lossSum))) return null;
  const controls = meter.measure(trainer.plan.protocol, {
    samples: trainer.samples.trainClasses.length,
    features,
    frozen: frozen.features,
    told: (n) => trainer.labels.get("random-label", n, 0),
    redraw: (n, k) => trainer.labels.get("redraw", n, k),
    regularizers: trainer.plan.regularizers,
  });
  return { controls, frozenHeads: frozen.heads };
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
  stopping: Stopping;
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
    // Before the counters are read, which sets them to zero: an evaluation that is stopped begins anew.
    const evaluated = await evaluateEpoch(trainer, progress, task.stopping);
    if (evaluated === "stopped") {
      task.save();
      return evaluated;
    }
    const counted = { ...trainer.counted(trainer.steps), evaluated };
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

/** The class task after an epoch that the protocol asks for; it leaves the training as it is. */
async function evaluateEpoch(
  trainer: Trainer,
  progress: Progress,
  stopping: Stopping,
): Promise<EpochCounts["evaluated"] | "stopped"> {
  const { evaluateEvery } = trainer.plan.protocol;
  const epoch = progress.epochs.length + 1;
  if (evaluateEvery === null || epoch % evaluateEvery !== 0) return null;
  const start = performance.now();
  try {
    return await evaluateClasses(trainer, stopping);
  } catch (error) {
    if (error instanceof Stopped) return "stopped";
    throw error;
  } finally {
    progress.evaluateSeconds += (performance.now() - start) / 1000;
  }
}

function finishEpoch(
  trainer: Trainer,
  progress: Progress,
  counted: EpochCounts,
  { seed, files, limit, onEpoch }: EpochsTask,
): void {
  progress.epochs.push(counted);
  progress.step = 0;
  const { plan } = trainer;
  appendText(files.metrics, metricsLine(counted, progress.epochs.length - 1, plan));
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

/** Online accuracies of the first draw at the headline label space: at the last tap, and on the frozen trunk. */
export function headlineAccuracy(
  { plan }: Trainer,
  { online, frozenOnline, seen }: EpochCounts,
): EpochMessage["randomLabels"] {
  const n = plan.protocol.headline;
  const head = plan.heads.findIndex((h) => h.tap === plan.taps && h.n === n);
  const [frozen] = frozenOnline;
  return {
    n,
    accuracy: online[head]! / seen,
    frozenAccuracy: frozen === undefined ? null : frozen / seen,
  };
}

/**
 * A line of metrics.jsonl, flat, so that `pandas.read_json(FILE, lines=True)` has a column for each count: that of a
 * head is named `online.tap2.n100.draw0`, with `.regularized` at the end where `rl=` acts on it; that of its twin on
 * the frozen trunk, `frozenOnline.tap2.n100.draw0`.
 *
 * @param i counts epochs from 0.
 */
export function metricsLine(
  counts: EpochCounts,
  i: number,
  { heads, regularizedHead, frozenDraws, taps, protocol: { headline: n } }: MetricsPlan,
): string {
  const { online, frozenOnline, evaluated, ...rest } = EpochCounts.parse(counts);
  const named = heads.map((head, k) => [
    `online.${headName(head)}${k === regularizedHead ? ".regularized" : ""}`,
    online[k],
  ]);
  const frozen = frozenDraws.map((draw, k) => [
    `frozenOnline.${headName({ tap: taps, n, draw })}`,
    frozenOnline[k],
  ]);
  const line = {
    epoch: i + 1,
    ...rest,
    ...(Object.fromEntries([...named, ...frozen]) as Record<string, number>),
    "evaluated.trainCorrect": evaluated && evaluated.trainCorrect,
    "evaluated.testCorrect": evaluated && evaluated.testCorrect,
  };
  return `${JSON.stringify(line)}\n`;
}

type MetricsPlan = Pick<
  Trainer["plan"],
  "heads" | "regularizedHead" | "frozenDraws" | "taps" | "protocol"
>;

const headName = ({ tap, n, draw }: HeadPlace) => `tap${tap}.n${n}.draw${draw}`;

const Progress = z.strictObject({
  /** Finished epochs. */
  epochs: z.array(EpochCounts),
  /** Steps done in the current one. */
  step: z.int().min(0),
  trainSeconds: z.number().min(0),
  /** Spent on evaluations between epochs. */
  evaluateSeconds: z.number().min(0),
});

/** How far a run has come, kept in its checkpoint so that a killed run resumes as if nothing had happened. */
type Progress = z.infer<typeof Progress>;

const noProgress = (): Progress => ({ epochs: [], step: 0, trainSeconds: 0, evaluateSeconds: 0 });

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

/** What `--save features,per-sample` asks for, to be joined with data of others. */
function saveExtras(
  outputFolder: string,
  seed: number,
  wanted: Configuration["save"],
  { plan, samples, canaries }: Trainer,
  { features, classCorrect, randomLabelCorrect }: Evaluation,
): void {
  const { folder } = runFiles(outputFolder, seed);
  const m = samples.trainIndices.length;
  if (wanted.length > 0) saveSampleIndex(folder, samples.trainIndices);
  if (wanted.length > 0 && canaries) saveCanaries(folder, m, canaryAt(canaries));
  if (wanted.includes("features")) saveFeatures(folder, m, features);
  if (wanted.includes("per-sample"))
    savePerSample(folder, { classCorrect, heads: plan.heads, randomLabelCorrect });
}

/** Times two calls each of training and evaluation; the first optimizes the graph, so the second is the one that counts. */
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
