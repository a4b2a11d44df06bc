import fc from "fast-check";
import { expect, test } from "vitest";
import {
  kendallTau,
  percentile,
  seededRandom,
  sortPairs,
  tauInterval,
} from "../../../record/board/measure-scores.ts";

function tau(x: readonly number[], y: readonly number[]): number | null {
  return kendallTau(sortPairs(Float64Array.from(x), Float64Array.from(y)));
}

/** SciPy 1.17: kendalltau(x, y).statistic. */
test.each<[number[], number[], number]>([
  [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 2, 1, 3, 5, 4, 6, 9, 8, 7], 0.7777777777777777],
  [[1, 1, 2, 2, 3, 3, 4, 4], [1, 2, 2, 3, 1, 4, 4, 4], 0.5958795715311241],
  [[12, 2, 1, 12, 2], [1, 4, 7, 1, 0], -0.4714045207910316],
  [[0.5, 0.25, 0.75, 0.5, 1, 0.25, 0], [3, 3, 3, 1, 2, 2, 0], 0.2782074420373286],
  [[5, 4, 3, 2, 1], [1, 2, 3, 4, 5], -1],
])("tau-b of %j and %j is SciPy's", (x, y, expected) => {
  expect(tau(x, y)).toBeCloseTo(expected, 14);
  expect(tau(y, x)).toBeCloseTo(expected, 14);
});

/** A C library's generator, so that SciPy could be given the same 2000 pairs with many ties. */
function congruential(count: number): number[] {
  let state = 12345n;
  return Array.from({ length: count }, () => {
    state = (1103515245n * state + 12345n) % 2n ** 31n;
    return Number((state / 65536n) % 101n);
  });
}
const values = congruential(4000);
const x = values.slice(0, 2000);
const y = x.map((value, i) => value + values[2000 + i]!);

test("tau-b of 2000 pairs is SciPy's", () => {
  expect(tau(x, y)).toBeCloseTo(0.4944935931936935, 13);
});

test("where nothing varies there is no tau", () => {
  expect(tau([1, 1, 1], [1, 2, 3])).toBeNull();
  expect(tau([1], [1])).toBeNull();
  expect(tau([], [])).toBeNull();
});

test("tau-b is that of counting all pairs", () => {
  const value = fc.integer({ min: 0, max: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 30 }), (pairs) => {
      let [sum, ofX, ofY] = [0, 0, 0];
      for (const [i, [a, b]] of pairs.entries())
        for (const [c, d] of pairs.slice(i + 1)) {
          const [signX, signY] = [Math.sign(a - c), Math.sign(b - d)];
          sum += signX * signY;
          ofX += signX ** 2;
          ofY += signY ** 2;
        }
      const expected = ofX * ofY === 0 ? null : sum / Math.sqrt(ofX * ofY);
      const found = tau(
        pairs.map(([a]) => a),
        pairs.map(([, b]) => b),
      );
      if (expected === null) expect(found).toBeNull();
      else expect(found).toBeCloseTo(expected, 12);
    }),
  );
});

function interval(count: number) {
  const pairs = sortPairs(
    Float64Array.from(x.slice(0, count)),
    Float64Array.from(y.slice(0, count)),
  );
  return tauInterval(pairs, kendallTau(pairs)!, () => Promise.resolve());
}

/** SciPy 1.17: bootstrap(paired=True, method="percentile"), 9999 and 2000 resamples of all entries. */
test.each([
  [40, 0.38398, 0.66357],
  [2000, 0.47674, 0.51205],
])("the interval over %i entries is near that of SciPy's bootstrap", async (count, low, high) => {
  const found = (await interval(count))!;
  const width = high - low;
  expect(Math.abs(found.low - low)).toBeLessThan(0.1 * width);
  expect(Math.abs(found.high - high)).toBeLessThan(0.1 * width);
});

test("the same entries have the same interval, few entries have none", async () => {
  expect(await interval(30)).toEqual(await interval(30));
  expect(await interval(4)).toBeNull();
});

test("percentiles are NumPy's", () => {
  const sorted = [1, 2, 4, 8];
  for (const [share, value] of [
    [0.025, 1.075],
    [0.5, 3],
    [0.975, 7.7],
  ] as const)
    expect(percentile(sorted, share)).toBeCloseTo(value, 12);
});

test("the generator gives the published numbers of mulberry32", () => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 20_000 }, random);
  expect(drawn.slice(0, 3)).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  expect(Math.abs(drawn.reduce((sum, value) => sum + value, 0) / 20_000 - 0.5)).toBeLessThan(0.01);
});
