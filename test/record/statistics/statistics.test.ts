import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  atLeast,
  atMost,
  binomialLimits,
  mean,
  tInterval,
  tQuantile,
  variance,
} from "../../../record/statistics/t-interval.ts";
import {
  incompleteBeta,
  logGamma,
  normalTail,
} from "../../../record/statistics/special-functions.ts";

/** Relative error; the expected values of this file are SciPy's. */
function expectNear(value: number, expected: number, error = 1e-12) {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(error * Math.abs(expected));
}

test.each([
  [1, [6.313751514675037, 12.706204736174694, 63.656741162871526]],
  [2, [2.9199855803537242, 4.302652729749462, 9.924843200918287]],
  [3, [2.3533634348018233, 3.1824463052837078, 5.840909309733355]],
  [4, [2.1318467863266495, 2.7764451051977934, 4.604094871349992]],
  [7, [1.8945786050900062, 2.364624251592784, 3.4994832973504924]],
  [9, [1.833112932656237, 2.262157162798205, 3.249835541592126]],
  [30, [1.697260886593957, 2.0422724563012378, 2.7499956535672254]],
  [2.5, [2.5582186141359355, 3.5746548420036817, 7.163728138948783]],
  [1000, [1.6463788172854643, 1.9623390808264083, 2.580754698065951]],
])("t quantiles with %d degrees of freedom", (df, [t90, t95, t99]) => {
  expectNear(tQuantile(0.9, df), t90!, 1e-11);
  expectNear(tQuantile(0.95, df), t95!, 1e-11);
  expectNear(tQuantile(0.99, df), t99!, 1e-11);
});

describe("special functions", () => {
  test.each([
    [0.3, 2, 3, 0.3483],
    [0.01, 0.5, 0.5, 0.06376856085851985],
    [0.99, 0.5, 2, 0.9999623742921531],
    [0.5, 100, 100, 0.5],
    [0.011, 30, 2471, 0.3408879690853861],
    [0.001, 1400, 1279768, 0.0005507448060400668],
  ])("I_%d(%d, %d)", (x, a, b, expected) => {
    expectNear(incompleteBeta(x, a, b), expected, a + b > 1000 ? 1e-8 : 1e-12);
  });

  test.each([
    [0.5, 0.5723649429247001],
    [2.5, 0.2846828704729192],
    [10, 12.801827480081469],
    [1000, 5905.220423209181],
    [1.5e6, 19831457.307559416],
  ])("ln Gamma(%d)", (x, expected) => expectNear(logGamma(x), expected, 1e-13));

  test.each([
    [-3, 0.9986501019683699],
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1, 0.15865525393145707],
    [2.9, 0.0018658133003840375],
    [3, 0.0013498980316300933],
    [3.1, 0.0009676032132183563],
    [5, 2.866515718791933e-7],
    [10, 7.61985302416047e-24],
    [30, 4.906713927147908e-198],
  ])("P(Z > %d)", (u, expected) => expectNear(normalTail(u), expected));
});

describe("intervals", () => {
  test("mean and t-interval of five seeds", () => {
    // scipy.stats.t.interval(0.95, 4, mean, sem)
    const { low, high, ...rest } = tInterval([0.41, 0.43, 0.4, 0.46, 0.42]);
    expect(rest).toEqual({ mean: 0.424, count: 5 });
    expectNear(low!, 0.39541474809012983);
    expectNear(high!, 0.45258525190987026);
  });

  test("one value has a mean and no interval", () => {
    expect(tInterval([0.3])).toEqual({ mean: 0.3, low: null, high: null, count: 1 });
  });

  test("equal values without a step say nothing of how far they spread", () => {
    const none = { mean: 0.25, low: null, high: null, count: 3 };
    expect(tInterval([0.25, 0.25, 0.25])).toEqual(none);
  });

  test("equal counts spread by what lies within one count", () => {
    // scipy.stats.t.ppf(.975, 4) * sqrt(g^2/12/5), g = 100/(99 * 2500)
    const least = (100 / (99 * 2500)) ** 2 / 12;
    const { low, high } = tInterval([0.4, 0.4, 0.4, 0.4, 0.4], least);
    expectNear((high! - low!) / 2, 0.0001448232411325273, 1e-11);
    expect(variance([0.4, 0.5], least)).toBe(variance([0.4, 0.5]));
  });

  test("the mean of equal values is that value, to the last bit, and they do not spread", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: 0, max: 1 }),
        fc.integer({ min: 1, max: 64 }),
        (x, k) => {
          const values = new Array<number>(k).fill(x);
          expect(mean(values)).toBe(x);
          if (k > 1) expect(variance(values)).toBe(0);
        },
      ),
    );
  });

  test("variance is unbiased and a mean of nothing is refused", () => {
    expect(variance([1, 2, 3, 4])).toBeCloseTo(5 / 3, 15);
    expect(() => mean([])).toThrow(RangeError);
  });
});

describe("binomial", () => {
  test.each([
    [40, 2500, 0.01, 0.0032876874228817956, 0.9980684846187261],
    [25, 2500, 0.01, 0.5270014570908357, 0.5529220894053136],
    [60, 2500, 0.01, 1.6512782527958675e-9, 0.9999999993398987],
    [1300, 2500, 0.5, 0.023840932610521722, 0.9783190662042102],
    [0, 2500, 0.01, 1, 1.2245781155148985e-11],
    [5, 2500, 0.01, 0.999999755957667, 1.2877793756676742e-6],
  ])("tails at %i of Binomial(%i, %d)", (k, m, p, upper, lower) => {
    expectNear(atLeast(k, m, p), upper, 1e-10);
    expectNear(atMost(k, m, p), lower, 1e-10);
  });

  test.each([
    [2500, 0.5, 1100, 1400],
    [2500, 0.1, 165, 344],
    [2500, 0.01, 2, 60],
    [2500, 0.001, 0, 17],
    [50000, 0.01, 372, 639],
  ])("chance allows Binomial(%i, %d) from %i to %i", (m, p, low, high) => {
    expect(binomialLimits(m, p)).toEqual({ low, high });
  });

  test("the tails of a small one add up by hand", () => {
    expect(atLeast(3, 3, 0.5)).toBeCloseTo(1 / 8, 15);
    expect(atMost(1, 3, 0.5)).toBeCloseTo(1 / 2, 15);
    expect([atLeast(4, 3, 0.5), atMost(-1, 3, 0.5), atMost(3, 3, 0.5)]).toEqual([0, 0, 1]);
  });
});
