/** @file The runs of one output folder at a time: one recorded program serves all its seeds. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Configuration } from "../../record/configuration.ts";
import { Protocol } from "../../record/protocols.ts";
import { stepsPerEpoch } from "../../record/head-places.ts";
import { IMAGENET_VARIABLE, sampleCounts } from "../data/protocol-images.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import { UserError } from "../errors.ts";
import { readJson } from "../files.ts";
import { ControlMeter } from "../measure/controls.ts";
import { callSizes } from "./call-sizes.ts";
import { headlineAccuracy } from "./epochs.ts";
import type { FromWorker, TrialMessage, WeightMessage } from "./messages.ts";
import { openSamples } from "./open-samples.ts";
import { trainingPlan } from "./plan.ts";
import { runFiles } from "./run-folder.ts";
import { type SeedTask, runSeed } from "./run-seed.ts";
import type { Samples } from "./samples.ts";
import { Trainer } from "./trainer.ts";
import { trial } from "./trial.ts";
import { weigh } from "./weight.ts";

interface Opened {
  configuration: Configuration;
  trainer: Trainer;
  setupSeconds: number;
}

export class ConfiguredRuns {
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
    stopping: () => Promise<boolean>,
  ): Promise<"done" | "stopped"> {
    const waiting = seeds.filter((seed) => !existsSync(runFiles(folder, seed).final));
    if (waiting.length === 0) return "done";
    const { configuration, trainer } = await this.#open(folder);
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

  async trial(folder: string): Promise<TrialMessage> {
    const { trainer, setupSeconds } = await this.#open(folder);
    try {
      return { type: "trial", folder, setupSeconds, ...(await trial(trainer)) };
    } finally {
      trainer.close();
    }
  }

  /** From shapes alone: no data set is read, and nothing of the true batch's size is made. */
  async weigh(folder: string): Promise<WeightMessage> {
    const { plan, protocol } = openPlan(folder);
    const samples = await sampleCounts(protocol, process.env[IMAGENET_VARIABLE]);
    return { type: "weight", folder, ...weigh(plan, samples) };
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

  async #open(folder: string): Promise<Opened> {
    const { configuration, protocol, plan } = openPlan(folder);
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

function openPlan(folder: string) {
  const configuration = read(folder, "config.json", Configuration);
  const protocol = read(folder, "protocol.json", Protocol);
  return { configuration, protocol, plan: trainingPlan(protocol, configuration) };
}

function read<T>(folder: string, file: string, schema: { parse(document: unknown): T }): T {
  const path = join(folder, file);
  const document = readJson(path);
  if (document === null) throw new UserError(`${path} is missing.`);
  return schema.parse(document);
}
