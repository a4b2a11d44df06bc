import { expect, test } from "vitest";
import { binomialLimits } from "../../record/statistics/t-interval.ts";
import { binding, tf } from "../../harness/engine/tensorflow.ts";
import { betaVariate, mixNumbers } from "../../harness/train/images.ts";
import { evaluateRun } from "../../harness/train/run-seed.ts";
import { subsetIndices } from "../../harness/train/samples.ts";
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
