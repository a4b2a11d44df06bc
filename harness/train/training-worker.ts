/** @file The training worker, the process that loads TensorFlow: it receives `ToWorker` and sends `FromWorker`. */

import { setImmediate } from "node:timers/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { wasTerminated } from "./worker-signals.ts";
import { catchSystemErrors } from "../../setup/shared/system-error.mjs";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, readJson, requireFences } from "../files.ts";
import { fenceFolder } from "./run-lock.ts";
import type {
  EstimateMessage,
  FromWorker,
  InspectionMessage,
  ToWorker,
  TrialMessage,
} from "./messages.ts";
import { tapsOf } from "../../record/architecture.ts";
import { Configuration } from "../../record/configuration.ts";
import { Protocol } from "../../record/protocols.ts";
import { stepsPerEpoch } from "../../record/head-places.ts";
import { IMAGENET_VARIABLE, sampleCounts } from "../data/protocol-images.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import { ControlMeter } from "../measure/controls.ts";
import { callSizes } from "./training-program.ts";
import { type SeedTask, headlineAccuracy, runSeed, trial } from "./run-seed.ts";
import { type Samples, openSamples } from "./samples.ts";
import { trainingPlan } from "./plan.ts";
import { type Permission, loadParts } from "./custom-parts.ts";
import { inspect } from "./custom-inspection.ts";
import { runFiles } from "./run-files.ts";
import { Trainer } from "./trainer.ts";
import { estimateMemory } from "./memory-estimate.ts";

catchSystemErrors("", EXIT.runFailed);

const send = (message: FromWorker) => {
  if (process.connected) process.send!(message);
};

/** Trains the runs of one output folder at a time; one recorded program serves all its seeds. */
class ConfiguredRuns {
  readonly #send: (message: FromWorker) => void;
  readonly #meter = new ControlMeter();
  /** Kept between configurations of one protocol. */
  #samples: { protocol: string; samples: Samples } | null = null;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  /** Trains every seed whose final.json is not there. @throws UserError for a damaged folder or data set. */
  async train(
    folder: string,
    seeds: readonly number[],
    code: readonly string[],
    stopping: () => Promise<boolean>,
  ): Promise<"done" | "stopped"> {
    const waiting = seeds.filter((seed) => !existsSync(runFiles(folder, seed).final));
    if (waiting.length === 0) return "done";
    const { configuration, trainer } = await this.#open(folder, code);
    try {
      for (const seed of waiting) {
        if (await stopping()) return "stopped";
        const task = this.#task(folder, configuration, trainer, seed, stopping);
        const status = await runSeed(trainer, this.#meter, task);
        if (status === "stopped") return "stopped";
        this.#send({ type: "seed", folder, seed, status });
      }
      return "done";
    } finally {
      trainer.close();
    }
  }

  async trial(folder: string, code: readonly string[]): Promise<TrialMessage> {
    const { trainer, setupSeconds } = await this.#open(folder, code);
    try {
      return { type: "trial", folder, setupSeconds, ...(await trial(trainer)) };
    } finally {
      trainer.close();
    }
  }

  /** From shapes alone: no data set is read, and nothing as large as the real batch is allocated. */
  async estimate(folder: string, code: readonly string[]): Promise<EstimateMessage> {
    const { plan, protocol } = await openPlan(folder, { allowed: code, names: null });
    const samples = await sampleCounts(protocol, process.env[IMAGENET_VARIABLE]);
    return { type: "estimate", folder, ...estimateMemory(plan, samples) };
  }

  async inspect({
    folder,
    code,
    files,
  }: Extract<ToWorker, { type: "inspect" }>): Promise<InspectionMessage> {
    const load = async () => {
      this.#send({ type: "inspecting", folder, stage: "load" });
      const { plan, configuration } = await openPlan(folder, { allowed: code, names: files });
      this.#send({ type: "inspecting", folder, stage: "try" });
      return { plan, taps: tapsOf(configuration) };
    };
    const names = [files.source, files.regSource].filter((file) => file !== null);
    return { type: "inspected", folder, ...(await inspect(load, names)) };
  }

  #task(
    folder: string,
    configuration: Configuration,
    trainer: Trainer,
    seed: number,
    stopping: () => Promise<boolean>,
  ): SeedTask {
    return {
      outputFolder: folder,
      configuration,
      seed,
      stopping,
      onEpoch: (message) => this.#send({ type: "epoch", folder, ...message }),
      onControls: ({ epochs, trainSeconds }) => {
        const last = epochs.at(-1)!;
        const seen = epochs.reduce((sum, epoch) => sum + epoch.seen, 0);
        this.#send({
          type: "epoch",
          folder,
          seed,
          epoch: epochs.length,
          epochs: epochs.length,
          imagesPerSecond: seen / trainSeconds,
          trainAccuracy: last.correct / last.seen,
          randomLabels: headlineAccuracy(trainer, last),
          phase: "controls",
        });
      },
    };
  }

  async #open(folder: string, code: readonly string[]): Promise<Opened> {
    const permission = { allowed: code, names: null };
    const { configuration, protocol, plan } = await openPlan(folder, permission);
    const samples = await this.#samplesOf(protocol, configuration.protocolId);
    const start = performance.now();
    const steps = stepsPerEpoch(protocol, samples.trainIndices.length);
    const sizes = callSizes(plan, steps);
    const trainer = new Trainer(plan, samples, { ...sizes, open: recordProgram });
    return { configuration, trainer, setupSeconds: (performance.now() - start) / 1000 };
  }

  async #samplesOf(protocol: Protocol, id: string): Promise<Samples> {
    if (this.#samples?.protocol !== id)
      this.#samples = { protocol: id, samples: await openSamples(protocol) };
    return this.#samples.samples;
  }
}

const runs = new ConfiguredRuns(send);

/** Between two checks of the folder's lock; a process that was suspended checks as soon as it wakes. */
const CHECK_MILLISECONDS = 1_000;

let stopping = false;

/** Tasks run one after the other. */
let tasks: Promise<void> = Promise.resolve();

/** Receives waiting messages before it answers. @throws UserError when another process has taken the folder over. */
const stopper = (folder: string) => {
  let checkedAt = performance.now();
  return async () => {
    await setImmediate();
    if (performance.now() - checkedAt > CHECK_MILLISECONDS) {
      requireFences(folder);
      checkedAt = performance.now();
    }
    stopping ||= wasTerminated();
    return stopping;
  };
};

async function perform(message: Exclude<ToWorker, { type: "stop" }>): Promise<void> {
  const { folder, code } = message;
  stopping = false;
  try {
    if (message.type === "trial") send(await runs.trial(folder, code));
    else if (message.type === "estimate") send(await runs.estimate(folder, code));
    else if (message.type === "inspect") send(await runs.inspect(message));
    else {
      const unfence = message.token ? fenceFolder(folder, message.token) : () => undefined;
      try {
        const ended = await runs.train(folder, message.seeds, code, stopper(folder));
        if (ended === "stopped") return send({ type: "stopped", folder });
      } finally {
        unfence();
      }
    }
    send({ type: "done", folder });
  } catch (error) {
    send({ type: "failed", folder, ...explain(error) });
  }
}

function explain(thrown: unknown) {
  const error = explainDisk(thrown);
  if (error instanceof UserError)
    return { message: error.message, exitCode: error.exitCode, bug: false };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message, exitCode: EXIT.runFailed, bug: true };
}

process.on("disconnect", () => process.exit(EXIT.ok));

process.on("message", (message: ToWorker) => {
  if (message.type === "stop") stopping = true;
  else tasks = tasks.then(() => perform(message));
});

send({ type: "ready" });

interface Opened {
  configuration: Configuration;
  trainer: Trainer;
  setupSeconds: number;
}

async function openPlan(folder: string, permission: Permission) {
  const written = read(folder, "config.json", Configuration);
  const protocol = read(folder, "protocol.json", Protocol);
  const { configuration, own } = await loadParts(folder, written, permission);
  return { configuration, protocol, plan: trainingPlan(protocol, configuration, own) };
}

function read<T>(folder: string, file: string, schema: { parse(document: unknown): T }): T {
  const path = join(folder, file);
  const document = readJson(path);
  if (document === null) throw new UserError(`${path} is missing.`);
  return schema.parse(document);
}
