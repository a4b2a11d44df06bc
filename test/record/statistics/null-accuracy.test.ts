import { describe, expect, test } from "vitest";
import method from "../../../record/method.json" with { type: "json" };
import {
  cloudOfSpectrum,
  cloudOfWidth,
  equivalentWidth,
  nullAccuracy,
} from "../../../record/statistics/null-accuracy.ts";

const ofWidth = (D: number, m: number, n: number) => nullAccuracy(m, n, cloudOfWidth(D, m));

/** A second implementation in Python: scipy.integrate.quad over every count of scipy.stats.binom. */
test.each(method.vectors.nullOfWidth)(
  "width $width, m = $samples, n = $n is $accuracy to 1e-6",
  ({ width, samples, n, accuracy }) => {
    expect(Math.abs(ofWidth(width, samples, n) - accuracy)).toBeLessThan(1e-6);
  },
);

/** By the same second implementation. */
test.each(method.vectors.nullOfLeverages)(
  "a cloud of several kinds of samples is their mean, $accuracy",
  ({ samples, n, cloud, accuracy }) => {
    expect(nullAccuracy(samples, n, cloud)).toBeCloseTo(accuracy, 8);
  },
);

/**
 * Ridge regression in NumPy on seeded Gaussian clouds: mean accuracy and its standard error, over 60 clouds with two
 * labellings each, for the last two over 100 with four. Unequal leverages are not in the rung `counts`, and matter
 * where a label has few samples.
 */
test.each([
  [64, 100, 0.1888, 0.00061, 0.006],
  [256, 100, 0.7662, 0.00072, 0.006],
  [64, 1000, 0.78781, 0.00134, 0.025],
  [32, 1000, 0.29756, 0.00144, 0.025],
  [8, 2, 0.52325, 0.00039, 0.006],
  [8, 10, 0.13111, 0.0003, 0.006],
])("clouds of 2,500 points of width %i give it for n = %i", (D, n, mean, error, tolerance) => {
  expect(Math.abs(ofWidth(D, 2500, n) - mean)).toBeLessThan(tolerance + 2 * error);
});

/** Mean share of the commonest label over 20,000 labellings in NumPy (n = 1,000: 4,000). */
test.each([
  [2500, 2, 0.50801],
  [2500, 10, 0.10987],
  [2500, 100, 0.01535],
  [2500, 1000, 0.00358],
  [50, 10, 0.17372],
])("at D -> 0, m = %i and n = %i, what is left is the commonest label", (m, n, commonest) => {
  expect(Math.abs(ofWidth(1e-6, m, n) - commonest)).toBeLessThan(0.006);
  expect(ofWidth(1e-6, m, n)).toBeGreaterThan(1 / n);
});

test("a cloud without directions, and one of as many as there can be, have accuracies", () => {
  // m, n: the product of the counts' chances, summed over all counts in Python, of equal ones the lowest label
  for (const [n, exact] of [
    [10, 0.109321],
    [100, 0.015326],
    [1000, 0.003591],
  ] as const)
    expect(Math.abs(ofWidth(0, 2500, n) - exact)).toBeLessThan(1e-6);
  const hardly = [{ share: 1, own: 1e-33, square: 1e-33 }];
  expect(nullAccuracy(2500, 100, hardly)).toBe(ofWidth(0, 2500, 100));
  expect(() => nullAccuracy(2500, 100, [{ share: 1, own: NaN, square: 0 }])).toThrow(RangeError);
  expect(ofWidth(2499, 2500, 100)).toBeCloseTo(1, 9);
});

describe.each([
  [2500, 2],
  [2500, 10],
  [2500, 100],
  [50_000, 2000],
  [30, 5],
])("of m = %i and n = %i", (m, n) => {
  const widths = [0.01, 0.1, 0.3, 0.6, 0.9].map((share) => share * (m - 1));

  test("a wider cloud gives more", () => {
    const accuracies = [1e-6, ...widths].map((D) => ofWidth(D, m, n));
    for (const [i, wider] of accuracies.slice(1).entries()) {
      const rounding = 1e-10; // near 1 nothing else is left
      expect(wider).toBeGreaterThan(accuracies[i]! - rounding);
      if (accuracies[i]! < 0.999) expect(wider).toBeGreaterThan(accuracies[i]! + 1e-6);
    }
  });

  test("the equivalent width of a cloud is its own, up to accuracy 1 - 1/m", () => {
    for (const D of widths) {
      const accuracy = ofWidth(D, m, n);
      const { width, bound } = equivalentWidth(m, n, accuracy);
      if (accuracy > 1 - 1 / m) expect([bound, width <= D]).toEqual(["at least", true]);
      else {
        expect(bound).toBeNull();
        expect(Math.abs(width / D - 1)).toBeLessThan(1e-4);
      }
    }
  });

  test("chance and less is at most no width; everything is at least the width of 1 - 1/m", () => {
    expect(equivalentWidth(m, n, 1 / n)).toEqual({ width: 0, bound: "at most" });
    expect(equivalentWidth(m, n, 0)).toEqual({ width: 0, bound: "at most" });
    const all = equivalentWidth(m, n, 1);
    expect(all.bound).toBe("at least");
    expect(ofWidth(all.width, m, n)).toBeCloseTo(1 - 1 / m, 6);
    expect(all.width).toBeLessThan(m - 1);
  });
});

/** By scipy.optimize.brentq on the second implementation. */
test.each([
  [2500, 100, 0.5, 155.42274631],
  [2500, 2, 0.55, 38.34991981],
  [2500, 10, 0.3, 175.52335156],
  [50_000, 2000, 0.25, 211.44731653],
  [30, 5, 0.6, 7.40007211],
])("m = %i, n = %i, accuracy %d is the width %d", (m, n, accuracy, exact) => {
  expect(Math.abs(equivalentWidth(m, n, accuracy).width / exact - 1)).toBeLessThan(1e-5);
});

test("a spectrum counts by what the penalty leaves of it; rounding below zero is zero", () => {
  const [cloud] = cloudOfSpectrum(Float64Array.of(-1e-18, 0.001, 0.003), 0.001, 100);
  expect(cloud!.share).toBe(1);
  expect(cloud!.own).toBeCloseTo((0.5 + 0.75) / 100, 15);
  expect(cloud!.square).toBeCloseTo((0.25 + 0.5625) / 100, 15);
});

describe("the figures that method.md prints", () => {
  test.each([
    [64, 2500, 100, 0.188],
    [256, 2500, 100, 0.77],
    [512, 2500, 100, 0.987],
    [64, 2500, 1000, 0.812],
    [32, 2500, 1000, 0.284],
    [256, 50_000, 100, 0.049],
    [256, 50_000, 2000, 0.347],
    [768, 1_281_167, 30_000, 0.478],
    [384, 1_281_167, 30_000, 0.104],
    [192, 1_281_167, 30_000, 0.018],
  ])("for width %i, m = %i, n = %i: %d", (D, m, n, printed) => {
    expect(Math.round(1000 * ofWidth(D, m, n)) / 1000).toBe(printed);
  });

  test("in words of capacity at m = 2,500 and n = 100: 18, 77 and 99 %", () => {
    const capacity = (D: number) => (ofWidth(D, 2500, 100) - 0.01) / 0.99;
    expect([64, 256, 512].map((D) => Math.round(100 * capacity(D)))).toEqual([18, 77, 99]);
    expect([64, 256, 512].map((D) => Math.round(100 * ofWidth(D, 2500, 100)))).toEqual([
      19, 77, 99,
    ]);
  });

  test("for D = 2, m = 2,500 and n = 10: .117", () => {
    expect(ofWidth(2, 2500, 10)).toBeCloseTo(0.117, 4);
  });
});
