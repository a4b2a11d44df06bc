import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { binding } from "../../harness/engine/tensorflow.ts";
import { spectrumOf } from "../../harness/measure/controls.ts";
import { Ridge, type RidgeEngine, inMemory } from "../../harness/measure/ridge.ts";
import { cloudOfWidth, nullAccuracy } from "../../record/statistics/null-accuracy.ts";
import { naiveRidge } from "./naive-ridge.ts";
import { gaussianCloud, toRows, uniformLabels } from "./synthetic.ts";

const PENALTY = 1e-3;

/** A ridge of the features, closed when the test is over. */
function ridgeOf(values: Float32Array, m: number, how: RidgeEngine = {}): Ridge {
  const ridge = new Ridge(PENALTY, how);
  onTestFinished(() => ridge.close());
  ridge.factorise(inMemory(values, m));
  return ridge;
}

/** Fits a labelling of each of these label spaces. */
function fit(values: Float32Array, m: number, spaces: number[], how: RidgeEngine = {}) {
  const ridge = ridgeOf(values, m, how);
  return {
    correct: spaces.map((n) => ridge.correct(n, [() => uniformLabels(m, n, 7)])[0]!),
    eigenvalues: ridge.eigenvalues(),
    diagonals: ridge.diagonals(),
  };
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
    for (const [i, e] of naive[0]!.eigenvalues.entries()) expect(eigenvalues[i]).toBeCloseTo(e, 10);
  });

/** By NumPy: C from the singular values of Z, counts from scipy.linalg.solve; float64. */
describe.each([
  {
    m: 500,
    D: 40,
    counts: { 5: [222, 197, 163, 156], 50: [110, 104, 118, 97] },
    own: [0.08701728036411392, 0.07759000651148855, 0.08645720171120758, 0.07175834581315815],
    square: [0.08660932331667948, 0.07689734378867122, 0.08608112270958913, 0.07146030585421997],
    traces: [39.798684771345584, 39.60049475693088],
  },
  {
    m: 60,
    D: 7,
    counts: { 5: [21, 28, 26, 26], 50: [19, 26, 22, 23] },
    own: [0.11936180965062383, 0.06459615499299044, 0.11020125910470538, 0.13793749959015691],
    square: [0.11888617675928645, 0.06418985257569372, 0.11003804376103486, 0.13755071272287403],
    traces: [6.973162807996556, 6.9465280313251725],
  },
  {
    m: 20,
    D: 33,
    counts: { 5: [20, 20, 20, 20], 50: [20, 20, 20, 20] },
    own: [0.9466891839594234, 0.9458082203742736, 0.9483920934335333, 0.9488920915569291],
    square: [0.9434076521248612, 0.941700214956217, 0.9467960350734788, 0.9477954500818968],
    traces: [18.945328356195564, 18.891463281083198],
  },
])("of $m samples of width $D", ({ m, D, counts, own, square, traces }) => {
  const values = plainFeatures(m, D);

  test("counts and leverages are those of a second implementation", () => {
    const ridge = ridgeOf(values, m, { chunkValues: 7 * D });
    for (const [n, expected] of Object.entries(counts))
      expect(ridge.correct(Number(n), plainLabellings(m, Number(n), 4))).toEqual(expected);
    const found = ridge.diagonals();
    for (const [i, [a, b]] of own.map((a, i) => [a, square[i]!]).entries()) {
      expect(found.own[i]).toBeCloseTo(a!, 11);
      expect(found.square[i]).toBeCloseTo(b!, 11);
    }
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    expect(sum(found.own)).toBeCloseTo(traces[0]!, 9);
    expect(sum(found.square)).toBeCloseTo(traces[1]!, 9);
  });
});

test("a block's size changes no count", () => {
  const [m, D] = [500, 40];
  const values = plainFeatures(m, D);
  const of = (how: RidgeEngine) => {
    const ridge = ridgeOf(values, m, how);
    return [5, 50].map((n) => ridge.correct(n, plainLabellings(m, n, 7)));
  };
  const alone = of({ blockValues: 1 });
  expect(of({ blockValues: 3 * 50 * D, chunkValues: 900 })).toEqual(alone);
  expect(of({})).toEqual(alone);
});

/** Exact in float32, and unlike one another. */
function plainFeatures(m: number, D: number): Float32Array {
  return Float32Array.from({ length: m * D }, (_, at) => {
    const [i, d] = [Math.floor(at / D), at % D];
    return (((i * i * 7 + d * d * 13 + i * d * 31 + i * 3) % 101) / 8) * (1 + (d % 5));
  });
}

function plainLabellings(m: number, n: number, count: number): (() => Int32Array)[] {
  const label = (i: number, k: number) =>
    (i * i * 5 + i * (3 + 2 * k) + k * 11 + Math.floor((i * 7919) / 13)) % n;
  return Array.from(
    { length: count },
    (_, k) => () => Int32Array.from({ length: m }, (_, i) => label(i, k)),
  );
}

test("labellings are drawn a block at a time", () => {
  const [m, D, n] = [30, 4, 5];
  const drawn: number[] = [];
  const ridge = ridgeOf(gaussianCloud(m, D, 1), m, { blockValues: 2 * n * D });
  const labellings = [0, 1, 2, 3, 4].map((k) => () => {
    drawn.push(k);
    return uniformLabels(m, n, k);
  });
  expect(ridge.passes(n, labellings.length, { samples: m, width: D })).toBe(6);
  expect(ridge.correct(n, labellings)).toHaveLength(5);
  expect(drawn).toEqual([0, 1, 2, 3, 4]);
});

test("a block's labels have room, however many samples there are", () => {
  const ridge = ridgeOf(gaussianCloud(4, 2, 1), 4);
  const few = { samples: 1000, width: 2 };
  expect(ridge.passes(2, 1000, few)).toBe(2);
  expect(ridge.passes(2, 1000, { samples: 2 ** 24, width: 2 })).toBe(1000);
  expect(ridge.bytes(2, 1000, few)).toBeLessThan(2 ** 30);
  expect(ridge.bytes(1000, 8, { samples: 1000, width: 8192 })).toBeGreaterThan(3 * 2 ** 30);
});

test("other samples are scored by the fit of the labelling, unknown labels never", () => {
  const m = 60;
  const values = lopsided(m, 5);
  const labels = Int32Array.from({ length: m }, (_, i) => Number(values[i * 5]! > 40));
  const others = gaussianCloud(30, 5, 4).map((x) => 40 + x);
  const naive = naiveRidge(toRows(values, m), labels, 2, PENALTY);
  const guesses = naive.predict(toRows(others, 30));
  const ridge = ridgeOf(values, m, { chunkValues: 100 });
  ridge.correct(3, [() => uniformLabels(m, 3, 1)]);
  const score = (theirs: Int32Array) =>
    ridge.correctBeyond({ n: 2, labels }, { features: inMemory(others, 30), labels: theirs });
  const own = naive.predicted.filter((label, row) => label === labels[row]).length;
  expect(score(Int32Array.from(guesses))).toEqual({ own, others: 30 });
  expect(score(Int32Array.from(guesses, (g) => 1 - g))).toEqual({ own, others: 0 });
  expect(score(new Int32Array(30).fill(-1))).toEqual({ own, others: 0 });
});

test("the recorded program gives the bits of its eager reference, chunked or not", () => {
  const values = lopsided(50, 9);
  const whole = fit(values, 50, [4]);
  expect(fit(values, 50, [4], { open: runEagerly })).toEqual(whole);
  const chunked = fit(values, 50, [4], { chunkValues: 63 });
  expect(chunked.correct).toEqual(whole.correct);
  for (const [i, e] of whole.eigenvalues.entries())
    expect(chunked.eigenvalues[i]).toBeCloseTo(e, 12);
});

test("one program serves any width and sample count, and repeats itself to the last bit", () => {
  const ridge = new Ridge(PENALTY);
  onTestFinished(() => ridge.close());
  const measure = (m: number, D: number) => {
    ridge.factorise(inMemory(gaussianCloud(m, D, D), m));
    const correct = ridge.correct(10, [() => uniformLabels(m, 10, 2)]);
    return [correct, ridge.eigenvalues(), ridge.diagonals()];
  };
  const first = measure(700, 130);
  measure(40, 3);
  expect(measure(700, 130)).toEqual(first);
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
  const ridge = ridgeOf(new Float32Array(8 * 3).fill(0.1), 8);
  const measure = (...labels: number[]) => ridge.correct(3, [() => Int32Array.from(labels)]);
  expect(measure(0, 0, 2, 2, 2, 2, 1, 1)).toEqual([4]);
  expect(measure(2, 2, 2, 2, 2, 1, 1, 1)).toEqual([5]);
  expect(measure(1, 1, 1, 1, 2, 2, 2, 2)).toEqual([4]);
  expect(ridge.eigenvalues()).toEqual(new Float64Array(3));
  const none = new Float64Array(8);
  expect(ridge.diagonals()).toEqual({ own: none, square: none });
});

test("numbers that TensorFlow takes for zero are zero in the sums, too", () => {
  const values = gaussianCloud(40, 3, 1);
  const tiny = values.map((x, i) => (i % 3 === 0 ? x * 1e-40 : x * 1e-25));
  const zero = tiny.map((x, i) => (i % 3 === 0 ? 0 : x));
  expect(fit(tiny, 40, [2, 9])).toEqual(fit(zero, 40, [2, 9]));
});

test("a feature that is not finite is refused", () => {
  const values = gaussianCloud(50, 4, 1);
  values[77] = NaN;
  expect(() => fit(values, 50, [2])).toThrow("not finite");
});

test("a Gaussian cloud gives the accuracy that the null predicts", () => {
  const [m, D] = [4000, 96];
  const { correct } = fit(gaussianCloud(m, D, 11), m, [2, 10]);
  for (const [i, n] of [2, 10].entries())
    expect(Math.abs(correct[i]! / m - nullAccuracy(m, n, cloudOfWidth(D, m)))).toBeLessThan(0.02);
});

test("nothing is left behind in TensorFlow", () => {
  const once = () => {
    const ridge = new Ridge(PENALTY);
    ridge.factorise(inMemory(gaussianCloud(30, 4, 1), 30));
    ridge.correct(2, [() => uniformLabels(30, 2, 7)]);
    ridge.diagonals();
    ridge.close();
  };
  once(); // what stays is made once
  const before = [binding.getNumOfTensors(), binding.getNumOfSavedModels()];
  for (let i = 0; i < 3; i++) once();
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
