/** @file The product's own training step on a benchmark's model: the trainer that every run uses. */

import { NO_ABLATIONS, canonicalConfiguration } from "../../../record/configuration.ts";
import { type Protocol, protocols } from "../../../record/protocols.ts";
import { stepsPerEpoch } from "../../../record/head-places.ts";
import { recordProgram } from "../../engine/recorded-session.ts";
import { callSizes } from "../../train/training-program.ts";
import { trainingPlan } from "../../train/plan.ts";
import { Trainer } from "../../train/trainer.ts";
import { CASES } from "../cases.ts";
import type { Heads } from "../questions.ts";
import { madeUpSamples } from "./made-up-samples.ts";

const micro = protocols["micro-1"]!;

/** Resident training images: ten or twenty steps an epoch. */
const IMAGES = 1280;

const HEADS: Record<Heads, Protocol["heads"]> = {
  one: [{ n: 100, draws: 1, taps: "last" }],
  "micro-1": micro.heads,
  none: [],
};

export interface Race {
  model: string;
  batch: number;
  heads: Heads;
}

/** Plain SGD with momentum on two losses, as the other libraries do: no clipping, decay or augmentation. */
function raceProtocol({ model, batch, heads }: Race): Protocol {
  const known = CASES.find(({ name }) => name === model);
  return {
    ...micro,
    name: "micro-1+bench",
    image: known?.image ?? micro.image,
    subset: null,
    batch,
    clipNorm: null,
    // A constant small rate keeps the weights finite over noise for as long as it takes.
    epochs: 100_000,
    learningRate: { ...micro.learningRate, peak: 0.01 },
    normalize: grey(known?.image.channels === 1),
    heads: HEADS[heads],
  };
}

const grey = (isGrey: boolean): Protocol["normalize"] =>
  isGrey ? { mean: [0.5], std: [0.25] } : micro.normalize;

/** A trainer that has its weights and data; close it. */
export function raceTrainer(race: Race): Trainer {
  const arch = CASES.find(({ name }) => name === race.model)?.arch ?? race.model;
  return openTrainer(raceProtocol(race), arch, { train: IMAGES, test: 10 });
}

/** micro-1 to the letter, but for the images. */
export const microTrainer = (arch: string): Trainer =>
  openTrainer(micro, arch, { train: micro.subset!.perClass * micro.classes, test: 10_000 });

/** @returns a trainer whose seed has begun. */
function openTrainer(
  protocol: Protocol,
  arch: string,
  sizes: { train: number; test: number },
): Trainer {
  const plan = trainingPlan(protocol, benchConfiguration(protocol, arch));
  const samples = madeUpSamples(protocol, sizes);
  const steps = stepsPerEpoch(protocol, samples.trainIndices.length);
  const trainer = new Trainer(plan, samples, {
    ...callSizes(plan, steps),
    open: recordProgram,
  });
  trainer.start(1);
  return trainer;
}

export const benchConfiguration = (protocol: Protocol, arch: string) =>
  canonicalConfiguration(protocol, {
    arch,
    regs: "none",
    seeds: [1],
    threads: Number(process.env["TF_NUM_INTRAOP_THREADS"] ?? 2),
    engine: "cpu",
    limit: null,
    save: [],
    ablations: NO_ABLATIONS,
  });
