import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tinyProtocol } from "../../../harness/doctor/training-step.ts";
import { runEagerly } from "../../../harness/engine/eager-session.ts";
import { crossEntropyRows, log1mRows } from "../../../harness/engine/ops/loss.ts";
import { readTensor, tf } from "../../../harness/engine/tensorflow.ts";
import { PURPOSE, permutation, uniformNumber } from "../../../record/random.ts";
import { evaluateRun } from "../../../harness/train/evaluation.ts";
import { trainingPlan } from "../../../harness/train/plan.ts";
import { residentSamples } from "../../../harness/train/samples.ts";
import { Trainer } from "../../../harness/train/trainer.ts";
import { learningRate } from "../../../record/head-places.ts";
import { NO_ABLATIONS, canonicalConfiguration } from "../../../record/configuration.ts";
import {
  type Toy,
  crossEntropy,
  evaluateToy,
  log1m,
  makeToy,
  trainToy,
} from "../../../site/data/toy/network.ts";
import { readToyData } from "../../../site/data/toy/toy-data.ts";
import { EPOCHS } from "../../../site/components/landing/toy.ts";
import memorised from "../../../site/data/landing/memorised-images.json" with { type: "json" };
import { TOY_EPOCHS, type ToyEpoch, trainedToy } from "../../../site/data/toy/toy-training.ts";
import { stateOf, trainSteps } from "../../train/tiny.ts";

const file = readFileSync(new URL("../../../site/data/toy/fashion-mnist-14.bin", import.meta.url));
const data = readToyData(new Uint8Array(gunzipSync(file)).buffer);

const [SIDE, WIDTH, N, BATCH, STEPS] = [14, 16, 10, 20, 4];

/** The toy's task at a smaller width, trained by the harness's engine: its own images as float32, two heads at the last tap. */
function harness(lambda: number): Trainer {
  const count = BATCH * STEPS;
  const split = (of: { images: Float64Array; classes: Uint8Array }) => ({
    images: Float32Array.from(of.images.subarray(0, count * SIDE * SIDE)),
    labels: of.classes.slice(0, count),
  });
  const dataset = { train: split(data.train), test: split(data.test) };
  const protocol = tinyProtocol({
    dataset: {
      ...{ kind: "arrays", values: "float32", trainSamples: count, testSamples: count },
      smallestClass: 1,
    },
    image: { height: SIDE, width: SIDE, channels: 1 },
    normalize: { mean: [0], std: [1] },
    ...{ batch: BATCH, heads: [{ n: N, draws: 2, taps: "last" }], headline: N, frozenHeads: false },
  });
  const configuration = canonicalConfiguration(protocol, {
    ...{ arch: `mlp-${WIDTH}`, regs: `rl=${lambda}`, seeds: [1], threads: 1, engine: "cpu" },
    ...{ limit: null, save: [], measures: false, ablations: NO_ABLATIONS },
  });
  const plan = trainingPlan(protocol, configuration);
  const sizes = { stepsPerCall: 1, evaluateBatch: BATCH, streamed: false };
  const trainer = new Trainer(plan, residentSamples(dataset, protocol), {
    ...sizes,
    open: runEagerly,
  });
  trainer.start(1);
  return trainer;
}

/** The engine's weights and velocities, as the toy has them. */
function copied(trainer: Trainer): Toy {
  const state = stateOf(trainer);
  const shape = { inputs: SIDE * SIDE, width: WIDTH, classes: N, labels: N };
  const toy = makeToy(shape, () => 0);
  const values = (name: string) => Float64Array.from(state.get(name)!);
  const fill = (layer: Toy["first"], name: string, [from, of]: [number, number]) => {
    const columns = (all: Float64Array) =>
      all.filter((_, i) => i % of >= from && i % of < from + layer.columns);
    layer.weights.set(columns(values(`${name}/weights`)));
    layer.bias.set(columns(values(`${name}/bias`)));
    layer.velocity.weights.set(columns(values(`${name}/weights/velocity`)));
    layer.velocity.bias.set(columns(values(`${name}/bias/velocity`)));
  };
  fill(toy.first, "trunk/dense1", [0, WIDTH]);
  fill(toy.second, "trunk/dense2", [0, WIDTH]);
  fill(toy.classHead, "trunk/class-head", [0, N]);
  fill(toy.heads.acted, "heads/tap2", [0, 2 * N]);
  fill(toy.heads.watched, "heads/tap2", [N, 2 * N]);
  toy.meanSquare = state.get("heads/tap2/mean-square")![0]!;
  return toy;
}

const layersOf = ({ first, second, classHead, heads }: Toy) => ({
  ...{ first, second, classHead },
  ...heads,
});

/** Largest difference of a value, relative to the largest of its kind where that is above 1. */
function difference(a: Toy, b: Toy): number {
  const of = (toy: Toy) =>
    Object.values(layersOf(toy)).flatMap(({ weights, bias, velocity }) => [
      ...[weights, bias, velocity.weights, velocity.bias],
    ]);
  const theirs = of(b);
  return Math.max(
    Math.abs(a.meanSquare! - b.meanSquare!) / b.meanSquare!,
    ...of(a).map((values, k) => {
      const scale = Math.max(1, ...theirs[k]!.map(Math.abs));
      return Math.max(...values.map((value, i) => Math.abs(value - theirs[k]![i]!))) / scale;
    }),
  );
}

test.each([0, 10, 1000])(
  "at lambda = %d, steps are those of the harness's engine to 1e-5: weights and velocities, which are the gradients",
  async (lambda) => {
    const trainer = harness(lambda);
    const toy = copied(trainer);
    toy.meanSquare = null;
    const { key, plan, samples } = trainer;
    let clipped = 0;
    for (let epoch = 0; epoch < 2; epoch++) {
      const order = permutation(BATCH * STEPS, key, PURPOSE.order, epoch);
      for (let k = 0; k < STEPS; k++) {
        const rows = order.slice(k * BATCH, (k + 1) * BATCH);
        const told = (draw: number) => {
          const labels = trainer.labels.get("random-label", N, draw);
          return Array.from(rows, (row) => labels[row]!);
        };
        const images = Float64Array.from({ length: BATCH * SIDE * SIDE }, (_, i) => {
          const row = rows[Math.floor(i / SIDE ** 2)]!;
          return samples.resident!.train[row * SIDE ** 2 + (i % SIDE ** 2)]!;
        });
        const classes = Array.from(rows, (row) => samples.trainClasses[row]!);
        const batch = { images, classes, labels: { acted: told(0), watched: told(1) } };
        trainToy(toy, batch, learningRate(plan.protocol, epoch * STEPS + k, STEPS), lambda);
        await trainSteps(trainer, epoch, k, k + 1);
        clipped += trainer.counted(1).clipped;
        expect(difference(toy, copied(trainer))).toBeLessThan(1e-5);
      }
    }
    if (lambda === 1000) expect(clipped).toBeGreaterThan(0);
    const { predicted, randomLabelCorrect } = await evaluateRun(trainer);
    const seen = evaluateToy(toy, Float64Array.from(samples.resident!.train));
    expect([...seen.classes]).toEqual([...predicted.train]);
    for (const [draw, name] of (["acted", "watched"] as const).entries()) {
      const labels = trainer.labels.get("random-label", N, draw);
      const correct = Array.from(seen[name], (label, i) => Number(label === labels[i]));
      expect(correct).toEqual([...randomLabelCorrect[draw]!]);
    }
    trainer.close();
  },
);

test("losses and their gradients are those of the harness to 1e-5, even where a head is sure of its label", () => {
  const labels = Int32Array.from({ length: 12 }, (_, i) => i % N);
  const values = Array.from({ length: 12 * N }, (_, i) => {
    const isOwn = i % N === labels[Math.floor(i / N)];
    return 8 * (uniformNumber(1, i) - 0.5) + (isOwn && i < 60 ? 15 : 0);
  });
  const logits = tf.tensor2d(values, [12, N]);
  const theirs = { cross: crossEntropyRows, log1m: log1mRows };
  const ours = { cross: crossEntropy, log1m };
  for (const name of ["cross", "log1m"] as const) {
    const [losses, gradient] = theirs[name](logits, tf.tensor1d(labels, "int32")).map((tensor) =>
      Array.from(readTensor(tensor)),
    );
    const found = ours[name](Float64Array.from(values), labels, N);
    expect(found.loss).toBeCloseTo(losses!.reduce((sum, loss) => sum + loss, 0) / 12, 5);
    for (const [i, each] of found.gradient.entries())
      expect(12 * each).toBeCloseTo(gradient![i]!, 5);
  }
  logits.dispose();
});

test("the first twelve epochs of the toy: complexity falls with lambda, and the network learns", () => {
  const start = (lambda: number) => {
    const training = trainedToy(data, lambda);
    return Array.from({ length: 13 }, () => training.next().value as ToyEpoch).at(-1)!;
  };
  const [none, some] = [start(0), start(10)];
  expect(EPOCHS).toBe(TOY_EPOCHS); // the page draws its axis before the program is fetched
  expect(none.train).toBeGreaterThan(0.9);
  expect(none.randomLabels - some.randomLabels).toBeGreaterThan(0.04);
  expect(none.acted - some.acted).toBeGreaterThan(0.05);
});

test("its images are the first of each class, with their places in the data set", () => {
  const { train, test: others } = data;
  for (let label = 0; label < 10; label++) {
    expect(train.classes.filter((each) => each === label)).toHaveLength(50);
    expect(others.classes.filter((each) => each === label)).toHaveLength(50);
  }
  for (const { index, class: label } of memorised.images)
    expect(train.indices[train.classes.indexOf(label)]).toBe(index);
  const blank = (0 - 0.28604) / 0.35302;
  expect(train.images.reduce((least, value) => Math.min(least, value), 9)).toBeCloseTo(blank, 12);
});
