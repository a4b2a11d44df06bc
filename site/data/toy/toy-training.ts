/** @file The toy's training: micro-1's rules at its own size, from one seed, one epoch after the other. */

import { learningRate } from "../../../record/head-places.ts";
import { uniformNumber } from "../../../record/random.ts";
import { randomLabels } from "../../../record/random-label.ts";
import type { EpochShares } from "../../charts/training-lines.ts";
import {
  type HeadName,
  type Toy,
  type ToyBatch,
  type ToyShape,
  evaluateToy,
  makeToy,
  trainToy,
} from "./network.ts";
import { SIDE, type ToyData } from "./toy-data.ts";

export const TOY_SHAPE: ToyShape = { inputs: SIDE * SIDE, width: 64, classes: 10, labels: 10 };

/** micro-1's rate; twice its epochs on a fifth of its images, in batches of a quarter. */
const RULES = {
  epochs: 60,
  batch: 25,
  learningRate: { peak: 0.05, rampEpochs: 1, decay: "cosine" },
} as const;

export const TOY_EPOCHS = RULES.epochs;

const SEED = 1;

export interface ToyEpoch extends EpochShares {
  /** Accuracy of the head that lambda acts on, from chance (0) to everything (1); `randomLabels` is the other head's. */
  acted: number;
}

/** What is there before the first epoch, then after each. */
export function* trainedToy(data: ToyData, lambda: number): Generator<ToyEpoch> {
  const { train } = data;
  const toy = makeToy(TOY_SHAPE, (i) => normal(SEED, i));
  const labels = { acted: toldLabels(train.indices, 0), watched: toldLabels(train.indices, 1) };
  const count = train.classes.length;
  const steps = Math.floor(count / RULES.batch);
  yield evaluated(toy, data, labels);
  for (let epoch = 0; epoch < TOY_EPOCHS; epoch++) {
    const order = shuffled(count, epoch);
    for (let k = 0; k < steps; k++) {
      const rows = order.subarray(k * RULES.batch, (k + 1) * RULES.batch);
      trainToy(
        toy,
        batchOf(data, labels, rows),
        learningRate(RULES, epoch * steps + k, steps),
        lambda,
      );
    }
    yield evaluated(toy, data, labels);
  }
}

function batchOf({ train }: ToyData, labels: ToldLabels, rows: Int32Array): ToyBatch {
  const pick = (from: ArrayLike<number>) => Int32Array.from(rows, (row) => from[row]!);
  const images = new Float64Array(rows.length * TOY_SHAPE.inputs);
  for (const [i, row] of rows.entries())
    images.set(imageOf(train.images, row), i * TOY_SHAPE.inputs);
  const told = { acted: pick(labels.acted), watched: pick(labels.watched) };
  return { images, classes: pick(train.classes), labels: told };
}

const imageOf = (images: Float64Array, row: number) =>
  images.subarray(row * TOY_SHAPE.inputs, (row + 1) * TOY_SHAPE.inputs);

type ToldLabels = Record<HeadName, Int32Array>;

const toldLabels = (indices: Iterable<number>, draw: number) =>
  randomLabels({ seed: SEED, n: TOY_SHAPE.labels, draw, indices, kind: "random-label" });

function evaluated(toy: Toy, { train, test }: ToyData, labels: ToldLabels): ToyEpoch {
  const seen = evaluateToy(toy, train.images);
  const share = (given: Int32Array, right: ArrayLike<number>) =>
    given.reduce((sum, each, i) => sum + Number(each === right[i]), 0) / given.length;
  const aboveChance = (name: HeadName) => {
    const chance = 1 / TOY_SHAPE.labels;
    return (share(seen[name], labels[name]) - chance) / (1 - chance);
  };
  return {
    train: share(seen.classes, train.classes),
    test: share(evaluateToy(toy, test.images).classes, test.classes),
    randomLabels: aboveChance("watched"),
    acted: aboveChance("acted"),
  };
}

/** A permutation of 0..count-1 (Fisher & Yates), a function of seed and epoch. */
function shuffled(count: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniformNumber(SEED, 1 + epoch, i) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Box & Muller 1958. */
function normal(seed: number, i: number): number {
  const [u, v] = [uniformNumber(seed, 0, 2 * i), uniformNumber(seed, 0, 2 * i + 1)];
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
}
