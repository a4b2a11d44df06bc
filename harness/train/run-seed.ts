/** @file One run, from its seed to its record: train, evaluate, measure the controls, write final.json. */

import { rmSync } from "node:fs";
import type { Configuration } from "../../record/configuration.ts";
import { protocolId } from "../../record/protocols.ts";
import { Run, type Controls } from "../../record/run.ts";
import { makeFolder, writeAtomic, writeJsonAtomic } from "../files.ts";
import { controlPlan } from "../measure/control-plan.ts";
import type { ControlMeter } from "../measure/controls.ts";
import { metricsLine, trainEpochs, type EpochsTask } from "./epochs.ts";
import { evaluateRun, Stopped, tapFeatures, type Evaluation } from "./evaluate.ts";
import { runFiles } from "./run-folder.ts";
import { loadProgress, saveProgress, type Progress } from "./run-progress.ts";
import { saveExtras } from "./save-extras.ts";
import type { Trainer } from "./trainer.ts";

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
  // Measuring may take longer than whoever interrupts it waits.
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

/** The record of a run whose epochs are over. @throws Stopped between two batches. */
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
  const sound = evaluation !== null && isFinite(evaluation) ? evaluation : null;
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
    controls,
    timing: {
      trainSeconds: progress.trainSeconds,
      evaluateSeconds: (evaluated - start) / 1000,
      controlSeconds: (performance.now() - evaluated) / 1000,
      imagesPerSecond: progress.trainSeconds > 0 ? seen / progress.trainSeconds : 0,
    },
  };
}

/** Every number of an evaluation: a network can leave the finite numbers in its very last step. */
function isFinite({ final, heads, features }: Evaluation): boolean {
  const sums = [final.trainLossSum, final.testLossSum, ...heads.map(({ lossSum }) => lossSum)];
  return (
    sums.every(Number.isFinite) && features.every(({ values }) => values.every(Number.isFinite))
  );
}

/** Uses up the session's weights: the frozen trunk is this seed's start. */
async function measureControls(
  trainer: Trainer,
  meter: ControlMeter,
  { features }: Evaluation,
  stopping: SeedTask["stopping"],
): Promise<Controls> {
  trainer.initialize();
  await trainer.calibrate();
  return meter.measure(controlPlan(trainer.plan.protocol), {
    samples: trainer.samples.trainClasses.length,
    features,
    frozen: await tapFeatures(trainer, stopping),
    labels: (n) => trainer.labels.get("random-label", n, 0),
  });
}
