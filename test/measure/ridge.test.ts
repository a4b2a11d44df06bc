import { expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { binding } from "../../harness/engine/tensorflow.ts";
import { Ridge, type RidgeEngine, inMemory } from "../../harness/measure/ridge.ts";
import { nullAccuracy } from "../../record/statistics/null-accuracy.ts";
import { naiveRidge } from "./naive-ridge.ts";
import { gaussianCloud, toRows, uniformLabels } from "./synthetic.ts";

const PENALTY = 1e-3;

/** Fits labellings of these sizes to the features. */
function fit(values: Float32Array, m: number, spaces: number[], how: RidgeEngine = {}) {
  const ridge = new Ridge(spaces.length, PENALTY, how);
  try {
    const sets = spaces.map((n) => ({ n, labels: uniformLabels(m, n, 7) }));
    return ridge.fit(inMemory(values, m), sets, { spectrum: true });
  } finally {
    ridge.close();
  }
}

/** Unequal directions, far from the origin. */
function lopsided(m: number, D: number): Float32Array {
  return gaussianCloud(m, D, 3).map((x, i) => 40 + x / (1 + (i % D)));
}

for (const [m, D] of [
  [90, 12],
  [20, 33],
] as const)
  test(`a refit and its spectrum equal a naive solution, m = ${m}, D = ${D}`, () => {
    const values = lopsided(m, D);
    const { correct, eigenvalues } = fit(values, m, [2, 7], { chunkValues: 300 });
    const naive = [2, 7].map((n) =>
      naiveRidge(toRows(values, m), uniformLabels(m, n, 7), n, PENALTY),
    );
    const expected = naive.map(({ predicted }, i) => {
      const labels = uniformLabels(m, [2, 7][i]!, 7);
      return predicted.filter((label, row) => label === labels[row]).length;
    });
    expect(correct).toEqual(expected);
    for (const [i, e] of naive[0]!.eigenvalues.entries())
      expect(eigenvalues![i]).toBeCloseTo(e, 10);
  });

test("other samples are scored by the fit of the last labelling, unknown labels never", () => {
  const m = 60;
  const values = lopsided(m, 5);
  const labels = Int32Array.from({ length: m }, (_, i) => Number(values[i * 5]! > 40));
  const others = gaussianCloud(30, 5, 4).map((x) => 40 + x);
  const guesses = naiveRidge(toRows(values, m), labels, 2, PENALTY).predict(toRows(others, 30));
  const ridge = new Ridge(2, PENALTY, { chunkValues: 100 });
  const sets = [
    { n: 3, labels: uniformLabels(m, 3, 1) },
    { n: 2, labels },
  ];
  ridge.fit(inMemory(values, m), sets, { spectrum: false });
  const score = (labels: Int32Array) => ridge.correctInLast(inMemory(others, 30), { n: 2, labels });
  expect(score(Int32Array.from(guesses))).toBe(30);
  expect(score(Int32Array.from(guesses, (g) => 1 - g))).toBe(0);
  expect(score(new Int32Array(30).fill(-1))).toBe(0);
  ridge.close();
});

test("the recorded program gives the bits of its eager reference, chunked or not", () => {
  const values = lopsided(50, 9);
  const whole = fit(values, 50, [4]);
  expect(fit(values, 50, [4], { open: runEagerly })).toEqual(whole);
  const chunked = fit(values, 50, [4], { chunkValues: 63 });
  expect(chunked.correct).toEqual(whole.correct);
  for (const [i, e] of whole.eigenvalues!.entries())
    expect(chunked.eigenvalues![i]).toBeCloseTo(e, 12);
});

test("one program serves any width and sample count, and repeats itself to the last bit", () => {
  const ridge = new Ridge(1, PENALTY);
  const measure = (m: number, D: number) =>
    ridge.fit(inMemory(gaussianCloud(m, D, D), m), [{ n: 10, labels: uniformLabels(m, 10, 2) }], {
      spectrum: true,
    });
  const first = measure(700, 130);
  measure(40, 3);
  expect(measure(700, 130)).toEqual(first);
  ridge.close();
});

test("neither the scale nor the place of the features matters", () => {
  const values = gaussianCloud(200, 16, 5);
  const moved = values.map((x) => 8 * x); // exact in floating point
  expect(fit(moved, 200, [2, 20]).correct).toEqual(fit(values, 200, [2, 20]).correct);
  const shifted = values.map((x) => Math.fround(x) + 1024);
  const back = shifted.map((x) => x - 1024);
  expect(fit(shifted, 200, [2, 20]).correct).toEqual(fit(back, 200, [2, 20]).correct);
});

test("features that never vary know the commonest label only, the lowest of equals", () => {
  const ridge = new Ridge(1, PENALTY);
  const constant = inMemory(new Float32Array(8 * 3).fill(0.1), 8);
  const measure = (...labels: number[]) =>
    ridge.fit(constant, [{ n: 3, labels: Int32Array.from(labels) }], { spectrum: true });
  expect(measure(0, 0, 2, 2, 2, 2, 1, 1)).toEqual({
    correct: [4],
    eigenvalues: new Float64Array(3),
  });
  expect(measure(2, 2, 2, 2, 2, 1, 1, 1).correct).toEqual([5]);
  expect(measure(1, 1, 1, 1, 2, 2, 2, 2).correct).toEqual([4]);
  ridge.close();
});

test("a feature that is not finite is refused", () => {
  const values = gaussianCloud(50, 4, 1);
  values[77] = NaN;
  expect(() => fit(values, 50, [2])).toThrow("not finite");
});

test("a Gaussian cloud gives the accuracy that the null predicts", () => {
  const [m, D] = [4000, 96];
  const { correct } = fit(gaussianCloud(m, D, 11), m, [2, 10]);
  expect(Math.abs(correct[0]! / m - nullAccuracy(2, (D + 1) / m))).toBeLessThan(0.02);
  expect(Math.abs(correct[1]! / m - nullAccuracy(10, (D + 1) / m))).toBeLessThan(0.02);
});

test("nothing is left behind in TensorFlow", () => {
  fit(gaussianCloud(30, 4, 1), 30, [2]); // what stays is made once
  const before = [binding.getNumOfTensors(), binding.getNumOfSavedModels()];
  for (let i = 0; i < 3; i++) fit(gaussianCloud(30, 4, 1), 30, [2]);
  expect([binding.getNumOfTensors(), binding.getNumOfSavedModels()]).toEqual(before);
});
