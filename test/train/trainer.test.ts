import { expect, test } from "vitest";
import { binding, tf, type Tensor } from "../../harness/engine/tensorflow.ts";
import { betaVariate, mixNumbers, augment } from "../../harness/train/images.ts";
import type { TrainingPlan } from "../../harness/train/plan.ts";
import { evaluateRun } from "../../harness/train/evaluation.ts";
import { subsetIndices } from "../../harness/train/samples.ts";
import type { Trainer } from "../../harness/train/trainer.ts";
import { NO_REGULARIZERS } from "../../record/regularizers.ts";
import { binomialLimits } from "../../record/statistics/t-interval.ts";
import { stateOf, tinyProtocol, tinyTrainer, trainSteps } from "./tiny.ts";

const digest = (state: Map<string, ArrayLike<number>>) =>
  JSON.stringify([...state].map(([name, values]) => [name, Array.from(values)]));

test("a seed runs the same whatever ran before it in the session", async () => {
  const trainer = tinyTrainer("cnn-4", "dropout=0.3,aug");
  const run = async (seed: number) => {
    trainer.start(seed);
    await trainSteps(trainer, 0, 0, 3);
    return digest(stateOf(trainer));
  };
  const first = await run(1);
  expect(await run(2)).not.toBe(first);
  expect(await run(1)).toBe(first);
  trainer.close();
});

test("several steps in a call are the same steps one by one", async () => {
  const results = [];
  for (const stepsPerCall of [1, 5]) {
    const trainer = tinyTrainer("mlp-16", "dropout=0.3,mixup=0.4", { stepsPerCall });
    trainer.start(1);
    await trainSteps(trainer, 0, 0, 5);
    results.push({ state: digest(stateOf(trainer)), counted: trainer.counted(5) });
    trainer.close();
  }
  expect(results[0]).toEqual(results[1]);
});

test("training and evaluating leave no tensor, no session and no variable behind", async () => {
  const count = () => [
    tf.memory().numTensors,
    binding.getNumOfTensors(),
    binding.getNumOfSavedModels(),
  ];
  const before = count();
  const trainer = tinyTrainer("cnn-4", "rl=1,sam=0.05");
  for (const seed of [1, 2]) {
    trainer.start(seed);
    await trainSteps(trainer, 0, 0, 5);
    trainer.counted(5);
    await evaluateRun(trainer);
  }
  expect(count()).toEqual([before[0], before[1], before[2]! + 1]);
  trainer.close();
  expect(count()).toEqual(before);
});

test("before it has learned, a head is right as often as chance", async () => {
  const trainer = tinyTrainer("mlp-16", "none");
  trainer.start(1);
  await trainSteps(trainer, 0, 0, 5);
  const { online, seen } = trainer.counted(5);
  expect(seen).toBe(40);
  for (const [i, { n }] of trainer.plan.heads.entries()) {
    const { low, high } = binomialLimits(seen, 1 / n);
    expect(online[i]).toBeGreaterThanOrEqual(low);
    expect(online[i]).toBeLessThanOrEqual(high);
  }
  trainer.close();
});

test("a partial last batch of an evaluation counts each sample once", async () => {
  const trainer = tinyTrainer("mlp-16", "none"); // 40 and 20 samples in batches of 16
  trainer.start(1);
  const { final, heads, classCorrect, randomLabelCorrect } = await evaluateRun(trainer);
  expect(classCorrect).toHaveLength(40);
  expect(final.trainCorrect).toBe(classCorrect.reduce((a, b) => a + b, 0));
  expect(final.testCorrect).toBeLessThanOrEqual(20);
  // Heads start at zero, so every logit ties and the lowest label wins.
  for (const [i, { n, draw, final: correct }] of heads.entries()) {
    const zeros = trainer.labels.get("random-label", n, draw).filter((label) => label === 0).length;
    expect(correct).toBe(zeros);
    expect(randomLabelCorrect[i]!.reduce((a, b) => a + b, 0)).toBe(zeros);
  }
  trainer.close();
});

test("label noise replaces its share of classes, always by another class", () => {
  const trainer = tinyTrainer("mlp-16", "noise=1");
  trainer.start(1);
  const clean = trainer.samples.trainClasses;
  expect(trainer.trainedClasses.every((label, i) => label !== clean[i])).toBe(true);
  expect(trainer.trainedClasses.every((label) => label >= 0 && label < 10)).toBe(true);
  trainer.close();
});

test("the subset is the first images of each class, in official order", () => {
  const labels = [1, 0, 0, 1, 1, 0];
  const protocol = tinyProtocol({ subset: { perClass: 2 }, classes: 2 });
  expect([...subsetIndices(labels, protocol)]).toEqual([0, 1, 2, 3]);
  const more = tinyProtocol({ subset: { perClass: 4 }, classes: 2 });
  expect(() => subsetIndices(labels, more)).toThrow("class 0 has 3 training images");
});

test("Beta variates have the mean and variance of the distribution", () => {
  for (const alpha of [0.2, 1, 4]) {
    const draws = Array.from({ length: 20_000 }, (_, key) => betaVariate(alpha, key));
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
    const expected = 1 / (4 * (2 * alpha + 1));
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(expected / draws.length));
    expect(variance / expected).toBeCloseTo(1, 1);
  }
});

test("cutmix weighs labels by the pixels that stay", () => {
  const image = { height: 32, width: 32 };
  for (let step = 0; step < 50; step++) {
    const [blend, weight, top, bottom, left, right] = mixNumbers(
      { mixup: 0, cutmix: 1 },
      image,
      9,
      step,
    ) as [number, number, number, number, number, number];
    expect(blend).toBe(1);
    expect(weight).toBeCloseTo(1 - ((bottom - top) * (right - left)) / 1024, 12);
    expect(top >= 0 && bottom <= 32 && left >= 0 && right <= 32).toBe(true);
  }
});

/** Clipping couples all gradients through the joint norm, which hides where one comes from. */
const unclipped = tinyProtocol({ clipNorm: null });

/** Trains `warm` for an epoch, gives its state to both, and runs one more step of each. */
async function oneStepApart(first: Trainer, second: Trainer) {
  first.start(1);
  second.start(1);
  await trainSteps(first, 0, 0, 5);
  const values = first.session.read(first.built.state);
  for (const [i, variable] of second.built.state.entries())
    second.session.write(variable, values[i]!);
  for (const trainer of [first, second]) await trainSteps(trainer, 1, 0, 1);
  const states = [stateOf(first), stateOf(second)] as const;
  first.close();
  second.close();
  return states;
}

/** Two graphs may sum in another order, so equal means within a few units in the last place. */
const changed = (a: Map<string, ArrayLike<number>>, b: Map<string, ArrayLike<number>>) =>
  [...a.keys()].filter((name) => {
    const [x, y] = [Array.from(a.get(name)!), b.get(name)!];
    const top = Math.max(...x.map(Math.abs));
    return x.some((value, i) => Math.abs(value - y[i]!) > 1e-6 * top);
  });

test.each(["mlp-16", "cnn-4"])(
  "%s learns its classes alike with heads and without",
  async (arch) => {
    const probed = tinyTrainer(arch, "none");
    const bare = tinyTrainer(arch, "none", { protocol: tinyProtocol({ heads: [] }) });
    for (const trainer of [probed, bare]) {
      trainer.start(7);
      await trainSteps(trainer, 0, 0, 5);
      await trainSteps(trainer, 1, 0, 5);
    }
    const [withHeads, without] = [stateOf(probed), stateOf(bare)];
    for (const [name, values] of without)
      if (name !== "counts") expect(withHeads.get(name), name).toEqual(values);
    expect(withHeads.size).toBeGreaterThan(without.size);
    probed.close();
    bare.close();
  },
);

test.each(["rl=10", "rl=10:confusion", "rl=10:reversal"])(
  "%s moves the trunk and leaves every head's update alone",
  async (regs) => {
    const plain = tinyTrainer("cnn-4", "none", { protocol: unclipped });
    const suppressed = tinyTrainer("cnn-4", regs, { protocol: unclipped });
    const moved = changed(...(await oneStepApart(plain, suppressed)));
    expect(moved).toContain("trunk/conv1/filter");
    expect(moved.filter((name) => name.startsWith("heads/"))).toEqual([]);
  },
);

test("suppression at tap 1 reaches nothing above tap 1", async () => {
  const plain = tinyTrainer("cnn-4", "none", { protocol: unclipped });
  const suppressed = tinyTrainer("cnn-4", "rl=10@1", { protocol: unclipped });
  const moved = changed(...(await oneStepApart(plain, suppressed)));
  expect(moved).toContain("trunk/conv1/filter");
  expect(moved.filter((name) => /conv[23]|norm[23]|class-head/.test(name))).toEqual([]);
});

test("heads ignore clipping and weight decay of the class task", async () => {
  const plain = tinyTrainer("cnn-4", "none", { protocol: unclipped });
  const decayed = tinyTrainer("cnn-4", "wd=0.5", {
    protocol: tinyProtocol({ clipNorm: 1e-3 }),
  });
  const moved = changed(...(await oneStepApart(plain, decayed)));
  expect(moved).toContain("trunk/conv1/filter");
  expect(moved.filter((name) => name.startsWith("heads/"))).toEqual([]);
});

test("suppression lowers the fit of the labels it is told, and training without raises it", async () => {
  const accuracy = async (regs: string) => {
    const trainer = tinyTrainer("mlp-64", regs, { protocol: tinyProtocol({ epochs: 40 }) });
    trainer.start(1);
    for (let epoch = 0; epoch < 40; epoch++) await trainSteps(trainer, epoch, 0, 5);
    const { online, seen } = trainer.counted(200);
    const head = trainer.plan.heads.findIndex((h) => h.tap === 2 && h.n === 100 && h.draw === 0);
    trainer.close();
    return online[head]! / seen;
  };
  const [free, suppressed] = [await accuracy("none"), await accuracy("rl=100")];
  expect(free).toBeGreaterThan(0.3);
  expect(suppressed).toBeLessThan(free / 3);
});

const SIDE = 16;
const plan = (changes: Partial<typeof NO_REGULARIZERS>) =>
  ({ protocol: tinyProtocol(), regularizers: { ...NO_REGULARIZERS, ...changes } }) as TrainingPlan;

/** Pixel values name their place: row * 16 + column + 1, so that zero is padding only. */
const numbered = (batch: number) =>
  tf.tile(tf.reshape(tf.range(1, SIDE * SIDE + 1), [1, SIDE, SIDE, 1]), [batch, 1, 1, 1]);

const images = (x: Tensor) => x.arraySync() as number[][][][];
const key = (step: number) => tf.tensor1d([5, step], "int32");

test("aug shows a window of the zero-padded image, mirrored about half the time", () => {
  const out = images(augment(numbered(400), plan({ augment: true }), key(1)));
  const shifts = new Set<string>();
  let mirrored = 0;
  for (const image of out) {
    const pixels = image.map((row) => row.map((p) => p[0]!));
    const inner = pixels[8]!.slice(5, 11);
    const flip = inner[1]! < inner[0]!;
    if (flip) mirrored++;
    const own = flip ? pixels.map((row) => row.toReversed()) : pixels;
    // The centre is never padding at shifts of at most 4: it tells where the window is.
    const [row, column] = [Math.floor((own[8]![8]! - 1) / SIDE), (own[8]![8]! - 1) % SIDE];
    const [down, right] = [row - 8, column - 8];
    shifts.add(`${down} ${right}`);
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const inside = y + down >= 0 && y + down < SIDE && x + right >= 0 && x + right < SIDE;
        expect(own[y]![x]).toBe(inside ? (y + down) * SIDE + x + right + 1 : 0);
      }
  }
  expect(Math.abs(mirrored - 200)).toBeLessThan(50); // 5 standard deviations
  expect(shifts.size).toBeGreaterThan(70); // of 81
});

test("cutout zeroes one square, clipped at the edge, in about half the images", () => {
  const out = images(augment(numbered(400), plan({ cutout: 6 }), key(2)));
  let cut = 0;
  for (const image of out) {
    const holes = image.flatMap((row, y) => row.flatMap((p, x) => (p[0] === 0 ? [[y, x]] : [])));
    if (holes.length === 0) continue;
    cut++;
    const span = (axis: 0 | 1) => {
      const places = holes.map((hole) => hole[axis]!);
      return Math.max(...places) - Math.min(...places) + 1;
    };
    expect(span(0)).toBeLessThanOrEqual(6);
    expect(span(1)).toBeLessThanOrEqual(6);
    expect(holes).toHaveLength(span(0) * span(1));
  }
  expect(Math.abs(cut - 200)).toBeLessThan(50);
});

test("the same key augments the same, another key does not", () => {
  const run = (step: number) => images(augment(numbered(8), plan({ augment: true }), key(step)));
  expect(run(3)).toEqual(run(3));
  expect(run(3)).not.toEqual(run(4));
});
