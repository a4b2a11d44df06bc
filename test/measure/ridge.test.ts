import fc from "fast-check";
import { expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { binding } from "../../harness/engine/tensorflow.ts";
import { spectrumOf } from "../../harness/measure/controls.ts";
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

const PENALTIES = [1e-4, 1e-1];

test("equal eigenvalues count as so many directions, a single one as one", () => {
  const four = spectrumOf(Float64Array.of(2, 0, 2, 2, 2), PENALTIES);
  expect(four.effectiveRank).toBeCloseTo(4, 12);
  expect(four.participationRatio).toBeCloseTo(4, 12);
  expect(four.ridge).toEqual([
    { l: 1e-4, dimension: (4 * 2) / (2 + 1e-4) },
    { l: 1e-1, dimension: (4 * 2) / 2.1 },
  ]);
  const one = spectrumOf(Float64Array.of(0, -1e-17, 3), PENALTIES);
  expect([one.effectiveRank, one.participationRatio]).toEqual([1, 1]);
});

test("eigenvalues 1, 2, 3 have the values computed by hand", () => {
  // Entropy of (1/6, 1/3, 1/2) is 1.0114042647 nats; 36/14.
  const { effectiveRank, participationRatio } = spectrumOf(Float64Array.of(1, 2, 3), PENALTIES);
  expect(effectiveRank).toBeCloseTo(Math.exp(1.0114042647073518), 12);
  expect(participationRatio).toBeCloseTo(36 / 14, 12);
});

test("features that never vary have no directions", () => {
  expect(spectrumOf(new Float64Array(3), PENALTIES)).toEqual({
    effectiveRank: 0,
    participationRatio: 0,
    ridge: PENALTIES.map((l) => ({ l, dimension: 0 })),
  });
});

test("no measure exceeds the width, and the scale changes only the ridge dimensions", () => {
  const spectra = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(spectra, (values) => {
      const here = spectrumOf(Float64Array.from(values), PENALTIES);
      const scaled = spectrumOf(
        Float64Array.from(values, (e) => 4 * e),
        PENALTIES,
      );
      for (const size of [here.effectiveRank, here.participationRatio, here.ridge[0]!.dimension])
        expect(size).toBeLessThanOrEqual(values.length * (1 + 1e-12));
      expect(scaled.effectiveRank).toBeCloseTo(here.effectiveRank, 9);
      expect(scaled.ridge[1]!.dimension).toBeGreaterThan(here.ridge[1]!.dimension);
    }),
  );
});
