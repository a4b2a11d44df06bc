/** @file Evaluation of a trained network over whole splits, into counts. */

import type { FinalCounts, HeadCounts } from "../../record/run.ts";
import type { Values } from "../engine/tensorflow.ts";
import { headGroups } from "./head-bank.ts";
import type { Trainer } from "./trainer.ts";

type Split = "train" | "test";

/** Features of one tap for all training samples: float32 [m, width], row by row. */
export interface TapFeatures {
  tap: number;
  width: number;
  values: Float32Array;
}

export interface Evaluation {
  final: FinalCounts;
  heads: HeadCounts[];
  features: TapFeatures[];
  /** Per training sample, 0 or 1: [m], and [m] for each head in the plan's order. */
  classCorrect: Uint8Array;
  randomLabelCorrect: Uint8Array[];
}

/** Thrown out of an evaluation that is to stop: it has changed nothing. */
export class Stopped extends Error {}

type Stopping = () => Promise<boolean>;
const never: Stopping = () => Promise.resolve(false);

/** Calls `take` with the outputs for each batch, of which the first `count` rows are real. */
async function overSplit(
  trainer: Trainer,
  split: Split,
  stopping: Stopping,
  take: (outputs: Record<string, Values>, start: number, count: number) => void,
): Promise<void> {
  const { samples, sizes, session } = trainer;
  const total = (split === "train" ? samples.trainClasses : samples.testClasses).length;
  for (let start = 0; start < total; start += sizes.evaluateBatch) {
    if (await stopping()) throw new Stopped();
    const count = Math.min(sizes.evaluateBatch, total - start);
    // A last partial batch is filled up with its first sample, and cut off again.
    const row = (_: unknown, i: number) => start + (i < count ? i : 0);
    const rows = Int32Array.from({ length: sizes.evaluateBatch }, row);
    const pixels = await trainer.evaluationPixels(split, rows);
    take(session.run(`evaluate-${split}`, { rows, ...pixels }), start, count);
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

/** Features of every tap in evaluation mode, without looking at any head. @throws Stopped likewise. */
export async function tapFeatures(trainer: Trainer, stopping = never): Promise<TapFeatures[]> {
  const features = emptyFeatures(trainer);
  await overSplit(trainer, "train", stopping, (outputs, start, count) =>
    takeFeatures(features, outputs, start, count),
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
    takeFeatures(features, outputs, start, count);
    takeHeads(trainer, outputs, start, count, predicted, losses);
  });
  final.trainCorrect = sum(classCorrect, m);
  const randomLabelCorrect = plan.heads.map(({ n, draw }, h) => {
    const own = trainer.labels.get("random-label", n, draw);
    return Uint8Array.from(own, (label, i) => (predicted[h]![i] === label ? 1 : 0));
  });
  const heads = headCounts(trainer, predicted, losses);
  return { final, features, heads, classCorrect, randomLabelCorrect };
}

function takeHeads(
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

function takeFeatures(
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
