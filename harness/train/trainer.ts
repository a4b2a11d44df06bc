/** @file A training program and its data in one session, which trains one seed after the other. */

import type { EpochCounts } from "../../record/run.ts";
import { learningRate, stepsPerEpoch } from "../../record/head-places.ts";
import type { Session, WriteEntry } from "../engine/program.ts";
import type { Values } from "../engine/tensorflow.ts";
import { PURPOSE, hash32, permutation, seedWords } from "../../record/random.ts";
import { type Samples, SeedLabels, fedAhead, noisyClasses } from "./samples.ts";
import { type Canaries, drawCanaries, withCanaries, withCanaryClasses } from "./canaries.ts";
import { mixNumbers } from "./images.ts";
import type { TrainingPlan } from "./plan.ts";
import { type CallSizes, type TrainingProgram, trainingProgram } from "./training-program.ts";
import { defineMeasures } from "./measure-program.ts";

export interface TrainerOptions extends CallSizes {
  /** `recordProgram`, or `runEagerly` in tests. */
  open: (program: TrainingProgram["program"]) => Session;
}

export class Trainer {
  readonly plan: TrainingPlan;
  /** With the current seed's canaries among them. */
  samples: Samples;
  readonly built: TrainingProgram;
  readonly session: Session;
  readonly sizes: CallSizes;
  /** Steps in an epoch. */
  readonly steps: number;
  /** Random labels of the current seed. */
  labels: SeedLabels;
  /** Classes trained on; with label noise they differ from those of the data set. */
  trainedClasses: Int32Array;
  /** Of the current seed; null without `canary=`. */
  canaries: Canaries | null = null;
  /** As they were given. */
  readonly #dataset: Samples;
  #key = 0;

  constructor(plan: TrainingPlan, samples: Samples, options: TrainerOptions) {
    this.plan = plan;
    this.samples = samples;
    this.#dataset = samples;
    this.sizes = options;
    this.built = trainingProgram(plan, options);
    if (plan.measures) defineMeasures(this.built, plan, options);
    this.session = options.open(this.built.program);
    this.steps = stepsPerEpoch(plan.protocol, samples.trainIndices.length);
    this.labels = new SeedLabels(plan, samples, 0);
    this.trainedClasses = samples.trainClasses;
    const { testClasses } = samples;
    this.session.writeAll([
      [this.built.tables.classes.test, testClasses, [testClasses.length]],
      ...this.#imagesOf("train"),
      ...this.#imagesOf("test"),
    ]);
  }

  /** What the session is to hold of a split's images: nothing where they are streamed. */
  #imagesOf(split: "train" | "test"): WriteEntry[] {
    const { images } = this.built.tables;
    const pixels = this.samples.resident?.[split];
    if (!images || !pixels) return [];
    const { height, width, channels } = this.plan.protocol.image;
    const count = pixels.length / (height * width * channels);
    return [[images[split], pixels, [count, height, width, channels]]];
  }

  /** What all random numbers of the current seed follow from. */
  get key(): number {
    return this.#key;
  }

  /** Sets random labels, label noise, canaries and initial weights of a seed. */
  start(seed: number): void {
    this.#key = hash32(...seedWords(seed));
    this.labels = new SeedLabels(this.plan, this.#dataset, seed);
    this.canaries = drawCanaries(this.#dataset, this.plan, this.#key);
    this.samples = withCanaries(this.#dataset, this.canaries, this.plan.protocol);
    const noisy = noisyClasses(this.#dataset, this.plan, this.#key);
    this.trainedClasses = withCanaryClasses(noisy, this.canaries);
    const { tables } = this.built;
    const m = this.samples.trainIndices.length;
    const labels = Array.from(tables.randomLabels, ([n, variable]): WriteEntry => {
      return [variable, this.labels.table(n), [m, variable.shape[1]!]];
    });
    this.session.writeAll([
      [tables.classes.train, this.trainedClasses, [m]],
      ...labels,
      ...(this.canaries ? this.#imagesOf("train") : []),
    ]);
    this.session.run("initialize", { key: this.keyOf(PURPOSE.initialise, 0) });
    this.#embedFrozen();
  }

  /** Keeps the features that heads on the frozen trunk read, where they are the same at every step. */
  #embedFrozen(): void {
    const variable = this.built.network.frozen?.features;
    if (!variable) return;
    const { batch } = this.plan.protocol;
    const m = this.samples.trainIndices.length;
    const features = new Float32Array(m * variable.shape[1]!);
    for (let start = 0; start < m; start += batch) {
      const rows = Int32Array.from({ length: batch }, (_, i) => Math.min(start + i, m - 1));
      const made = this.session.run("embed-frozen", { rows })["features"] as Float32Array;
      const kept = Math.min(batch, m - start) * variable.shape[1]!;
      features.set(made.subarray(0, kept), start * variable.shape[1]!);
    }
    this.session.write(variable, features, [m, variable.shape[1]!]);
  }

  /** Gives the trunk and the class head this seed's initial weights back; the heads keep what they have learned. */
  restoreTrunk(): void {
    this.session.run("initialize-trunk", { key: this.keyOf(PURPOSE.initialise, 0) });
  }

  /** int32 [2], a function of seed, purpose and step. */
  keyOf(purpose: number, step: number): Int32Array {
    return Int32Array.of(hash32(this.#key, purpose) | 0, step);
  }

  /**
   * Trains steps `from` to `to` of an epoch, yielding after each call the number of the next step.
   *
   * @param epoch from 0; `from` and `to` are multiples of `stepsPerCall`.
   */
  async *train(epoch: number, from = 0, to = this.steps): AsyncGenerator<number> {
    const { batch } = this.plan.protocol;
    const order = permutation(this.samples.trainIndices.length, this.#key, PURPOSE.order, epoch);
    const { stepsPerCall } = this.sizes;
    const feedsOf = async (call: number) => {
      const step = from + call * stepsPerCall;
      const rows = order.slice(step * batch, (step + stepsPerCall) * batch);
      const first = epoch * this.steps + step;
      return { ...this.#stepFeeds(first), rows, ...(await this.#pixels(rows, first)) };
    };
    let step = from;
    for await (const feeds of fedAhead(Math.ceil((to - from) / stepsPerCall), feedsOf)) {
      this.session.run("train", feeds);
      step += stepsPerCall;
      yield step;
    }
  }

  #stepFeeds(first: number): Record<string, Values> {
    const { protocol, regularizers } = this.plan;
    const each = Array.from({ length: this.sizes.stepsPerCall }, (_, k) => first + k);
    const mixes = regularizers.mixup > 0 || regularizers.cutmix > 0;
    const mix = () =>
      each.flatMap((step) => mixNumbers(regularizers, protocol.image, this.#key, step));
    return {
      rates: Float32Array.from(each, (step) => learningRate(protocol, step, this.steps)),
      key: this.keyOf(PURPOSE.step, first),
      ...(mixes ? { mix: Float32Array.from(mix()) } : {}),
    };
  }

  async #pixels(rows: Int32Array, step: number): Promise<Record<string, Values>> {
    if (!this.samples.pixels) return {};
    const view = {
      training: this.plan.regularizers.augment,
      key: hash32(this.#key, PURPOSE.resizedCrop, step),
    };
    return { pixels: await this.samples.pixels("train", rows, view) };
  }

  /** The counts since the last call, without an evaluation. */
  counted(steps: number): EpochCounts {
    const { counts, lossSum } = this.session.run("counts");
    const [correct, clipped, ...learned] = Array.from(counts!);
    const heads = this.plan.heads.length;
    return {
      seen: steps * this.plan.protocol.batch,
      correct: correct!,
      lossSum: lossSum![0]!,
      clipped: clipped!,
      online: learned.slice(0, heads),
      frozenOnline: learned.slice(heads),
      evaluated: null,
    };
  }

  /**
   * Sets the BatchNorm statistics to those of the current weights: the mean over the full batches of one shuffled order,
   * which follows from the seed. A data set in official order can go class by class, and batches of one class each
   * have variances that leave out what lies between the classes.
   */
  async calibrate(): Promise<void> {
    if (!this.built.calibrated) return;
    const { batch } = this.plan.protocol;
    const order = permutation(this.samples.trainIndices.length, this.#key, PURPOSE.calibration);
    const feedsOf = async (k: number) => {
      const rows = order.slice(k * batch, (k + 1) * batch);
      const pixels = await this.evaluationPixels("train", rows);
      return { rows, share: Float32Array.of(1 / (k + 1)), ...pixels };
    };
    for await (const feeds of fedAhead(this.steps, feedsOf)) this.session.run("calibrate", feeds);
  }

  async evaluationPixels(split: "train" | "test", rows: Int32Array) {
    if (!this.samples.pixels) return {};
    return { pixels: await this.samples.pixels(split, rows, { training: false, key: 0 }) };
  }

  close(): void {
    this.session.close();
  }
}
