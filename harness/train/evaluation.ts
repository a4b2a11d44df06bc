/** @file A network in evaluation mode over all samples: the class task, the heads, the features of every tap. */

import type {
  EvaluationCounts,
  FinalCounts,
  FrozenHeadCounts,
  HeadCounts,
} from "../../record/run.ts";
import type { Values } from "../engine/tensorflow.ts";
import { type HeadGroup, frozenHeadGroups, headGroups } from "./head-bank.ts";
import { fedAhead } from "./samples.ts";
import type { Trainer } from "./trainer.ts";

/** Thrown by an evaluation that was asked to stop; it has changed nothing. */
export class Stopped extends Error {}

export type Stopping = () => Promise<boolean>;
const never: Stopping = () => Promise.resolve(false);

/** Features of one tap for all training samples: float32 [m, width], row by row. */
interface TapFeatures {
  tap: number;
  width: number;
  values: Float32Array;
}

export interface Evaluation {
  final: FinalCounts;
  heads: HeadCounts[];
  features: TapFeatures[];
  /** The class predicted for each sample. */
  predicted: Record<"train" | "test", Int32Array>;
  /** Per training sample, 0 or 1: [m], and [m] for each head in the plan's order. */
  classCorrect: Uint8Array;
  randomLabelCorrect: Uint8Array[];
}

/** @throws Stopped between two batches. */
export async function evaluateRun(trainer: Trainer, stopping = never): Promise<Evaluation> {
  const { predicted, ...train } = await evaluateTrain(trainer, stopping);
  const { testClasses } = trainer.samples;
  let testLossSum = 0;
  const test = new Int32Array(testClasses.length);
  await overSamples(trainer, "evaluate-test", stopping, (outputs, start, count) => {
    test.set(outputs["class"]!.subarray(0, count), start);
    testLossSum += sum(outputs["classLoss"]!, count);
  });
  const testCorrect = countEqual(test, testClasses, 0, test.length);
  const final = { ...train.final, testCorrect, testLossSum };
  return { ...train, final, predicted: { train: predicted, test } };
}

/** The class task alone, against the labels trained on; for protocols that evaluate during training. @throws Stopped */
export async function evaluateClasses(
  trainer: Trainer,
  stopping = never,
): Promise<EvaluationCounts> {
  const correct = async (call: "classify-train" | "evaluate-test", classes: Int32Array) => {
    let equal = 0;
    await overSamples(trainer, call, stopping, (outputs, start, count) => {
      equal += countEqual(outputs["class"]!, classes, start, count);
    });
    return equal;
  };
  return {
    trainCorrect: await correct("classify-train", trainer.trainedClasses),
    testCorrect: await correct("evaluate-test", trainer.samples.testClasses),
  };
}

/**
 * The trunk at initialization, with BatchNorm statistics of its own: its features and the heads that were trained on it.
 * The session's trunk is that one from then on.
 *
 * @throws Stopped between two batches.
 */
export async function evaluateFrozen(
  trainer: Trainer,
  stopping = never,
): Promise<{ features: TapFeatures[]; heads: FrozenHeadCounts[] }> {
  trainer.restoreTrunk();
  await trainer.calibrate();
  const { plan } = trainer;
  const features = emptyFeatures(trainer);
  const m = trainer.samples.trainClasses.length;
  const tally = new HeadTally(plan.frozenDraws.length, frozenHeadGroups(plan), m);
  await overSamples(trainer, "evaluate-frozen", stopping, (outputs, start, count) => {
    storeFeatures(features, outputs, start, count);
    tally.add(outputs, start, count);
  });
  const heads = plan.frozenDraws.map((draw, i) => ({
    draw,
    ...tally.counts(trainer, i, plan.protocol.headline, draw),
  }));
  return { features, heads };
}

type Call = "evaluate-train" | "evaluate-test" | "evaluate-frozen" | "classify-train";

/** Calls `onBatch` with the outputs for each batch, of which the first `count` rows are real. */
async function overSamples(
  trainer: Trainer,
  call: Call,
  stopping: Stopping,
  onBatch: (outputs: Record<string, Values>, start: number, count: number) => void,
): Promise<void> {
  const { samples, sizes, session } = trainer;
  const split = call === "evaluate-test" ? "test" : "train";
  const total = (split === "train" ? samples.trainClasses : samples.testClasses).length;
  const batch = sizes.evaluateBatch;
  const countOf = (k: number) => Math.min(batch, total - k * batch);
  const feedsOf = async (k: number) => {
    // A last partial batch is filled up with copies of its first sample, which the count leaves out.
    const row = (_: unknown, i: number) => k * batch + (i < countOf(k) ? i : 0);
    const rows = Int32Array.from({ length: batch }, row);
    return { rows, ...(await trainer.evaluationPixels(split, rows)) };
  };
  let k = 0;
  for await (const feeds of fedAhead(Math.ceil(total / batch), feedsOf)) {
    if (await stopping()) throw new Stopped();
    onBatch(session.run(call, feeds), k * batch, countOf(k));
    k++;
  }
}

async function evaluateTrain(trainer: Trainer, stopping: Stopping) {
  const { samples, trainedClasses, plan } = trainer;
  const m = samples.trainClasses.length;
  let trainLossSum = 0;
  const features = emptyFeatures(trainer);
  const taps = Array.from({ length: plan.taps }, (_, t) => t + 1);
  const groups = taps.flatMap((tap) => headGroups(plan, tap));
  const tally = new HeadTally(plan.heads.length, groups, m);
  const predicted = new Int32Array(m);
  await overSamples(trainer, "evaluate-train", stopping, (outputs, start, count) => {
    predicted.set(outputs["class"]!.subarray(0, count), start);
    trainLossSum += sum(outputs["classLoss"]!, count);
    storeFeatures(features, outputs, start, count);
    tally.add(outputs, start, count);
  });
  const classCorrect = Uint8Array.from(predicted, (c, row) => (c === trainedClasses[row] ? 1 : 0));
  const final = {
    trainCorrect: sum(classCorrect, m),
    trainCleanCorrect: countEqual(predicted, samples.trainClasses, 0, m),
    trainLossSum,
  };
  const randomLabelCorrect = plan.heads.map(({ n, draw }, i) => {
    const own = trainer.labels.get("random-label", n, draw);
    return Uint8Array.from(own, (label, row) => (tally.predicted[i]![row] === label ? 1 : 0));
  });
  const heads = plan.heads.map((place, i) => ({
    ...place,
    regularized: i === plan.regularizedHead,
    ...tally.counts(trainer, i, place.n, place.draw),
  }));
  return { final, features, heads, predicted, classCorrect, randomLabelCorrect };
}

/** What some heads predict for each of m samples, and their summed losses. */
class HeadTally {
  /** int32 [m] for each head. */
  readonly predicted: Int32Array[];
  readonly #losses: number[];
  readonly #groups: readonly HeadGroup[];

  constructor(heads: number, groups: readonly HeadGroup[], m: number) {
    this.predicted = Array.from({ length: heads }, () => new Int32Array(m));
    this.#losses = Array.from({ length: heads }, () => 0);
    this.#groups = groups;
  }

  add(outputs: Record<string, Values>, start: number, count: number): void {
    for (const { first, draws } of this.#groups) {
      const labels = outputs[`head-${first}`]!;
      const loss = outputs[`head-loss-${first}`]!;
      for (let i = 0; i < count * draws; i++) {
        const head = first + (i % draws);
        this.predicted[head]![start + Math.floor(i / draws)] = labels[i]!;
        this.#losses[head]! += loss[i]!;
      }
    }
  }

  /** Of head i, whose labels are this draw's. */
  counts({ labels }: Trainer, i: number, n: number, draw: number) {
    const correct = (kind: "random-label" | "unseen-label") =>
      countEqual(this.predicted[i]!, labels.get(kind, n, draw), 0, this.predicted[i]!.length);
    return {
      final: correct("random-label"),
      unseen: correct("unseen-label"),
      lossSum: this.#losses[i]!,
    };
  }
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
