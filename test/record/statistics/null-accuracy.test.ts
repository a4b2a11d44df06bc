import { describe, expect, test } from "vitest";
import { nullAccuracy } from "../../../record/statistics/null-accuracy.ts";

const ofWidth = (D: number, m: number, n: number) => nullAccuracy(n, (D + 1) / m);

describe("the figures that method.md prints", () => {
  test.each([
    [256, 50_000, [0.529, 0.14, 0.049, 0.18]],
    [768, 1_281_167, [0.51, 0.112, 0.018, 0.01]],
    [64, 2000, [0.573, 0.219, 0.27, 0.991]],
  ])("for D = %i, m = %i", (D, m, printed) => {
    for (const [i, n] of [2, 10, 100, 1000].entries())
      expect(Math.round(1000 * ofWidth(D, m, n)) / 1000).toBe(printed[i]);
  });

  test.each([
    [64, 0.21],
    [256, 0.79],
    [512, 0.99],
  ])("for D = %i at m = 2500, n = 100", (D, printed) => {
    expect(Math.round(100 * ofWidth(D, 2500, 100)) / 100).toBe(printed);
  });
});

/** By mpmath's adaptive quadrature with 30 digits. */
test.each([
  [256, 50_000, 2, 0.528650803195103],
  [256, 50_000, 1000, 0.180483818877193],
  [768, 1_281_167, 10_000, 0.0895476295428294],
  [64, 2000, 100, 0.26973788690336],
  [256, 2500, 1000, 0.999999999981277],
  [512, 2500, 10, 0.545151865257116],
])("D = %i, m = %i, n = %i to twelve digits", (D, m, n, exact) => {
  expect(ofWidth(D, m, n)).toBeCloseTo(exact, 12);
});

test.each([2, 10, 1000, 1_000_000])("no features give chance at n = %i", (n) => {
  expect(nullAccuracy(n, 0) * n).toBeCloseTo(1, 9);
});

test("as many features as samples fit everything", () => {
  expect([nullAccuracy(100, 1), nullAccuracy(100, 1.4)]).toEqual([1, 1]);
  expect(nullAccuracy(2, 1 - 1e-9)).toBeCloseTo(1, 14);
});

test("two labels have a closed form: Phi(s / sqrt 2) with s = sqrt(2 h/(1-h))", () => {
  expect(nullAccuracy(2, 0.3)).toBeCloseTo(0.743654619869038, 13);
});
