import { expect, test } from "vitest";
import fc from "fast-check";
import {
  partialTau,
  percentile,
  seededRandom,
  tauInterval,
  tauOf,
} from "../../../record/statistics/kendall-tau.ts";

/** SciPy 1.17: kendalltauOf(x, y).statistic. */
test.each<[number[], number[], number]>([
  [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 2, 1, 3, 5, 4, 6, 9, 8, 7], 0.7777777777777777],
  [[1, 1, 2, 2, 3, 3, 4, 4], [1, 2, 2, 3, 1, 4, 4, 4], 0.5958795715311241],
  [[12, 2, 1, 12, 2], [1, 4, 7, 1, 0], -0.4714045207910316],
  [[0.5, 0.25, 0.75, 0.5, 1, 0.25, 0], [3, 3, 3, 1, 2, 2, 0], 0.2782074420373286],
  [[5, 4, 3, 2, 1], [1, 2, 3, 4, 5], -1],
])("tau-b of %j and %j is SciPy's", (x, y, expected) => {
  expect(tauOf(x, y)).toBeCloseTo(expected, 14);
  expect(tauOf(y, x)).toBeCloseTo(expected, 14);
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
const at = (i: number) => values[i]!;
const noPause = () => Promise.resolve();

test("tau-b of 2000 pairs is SciPy's", () => {
  expect(tauOf(x, y)).toBeCloseTo(0.4944935931936935, 13);
});

test("where nothing varies there is no tau", () => {
  expect(tauOf([1, 1, 1], [1, 2, 3])).toBeNull();
  expect(tauOf([1], [1])).toBeNull();
  expect(tauOf([], [])).toBeNull();
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
      const found = tauOf(
        pairs.map(([a]) => a),
        pairs.map(([, b]) => b),
      );
      if (expected === null) expect(found).toBeNull();
      else expect(found).toBeCloseTo(expected, 12);
    }),
  );
});

/** So many configurations of so many architectures, which move measure and gap beside them. */
function clustered(
  count: number,
  architectures: number,
  [ofX, ofY]: [(g: number) => number, (g: number) => number],
) {
  return Array.from({ length: count }, (_, i) => ({
    arch: `mlp-${i % architectures}`,
    measure: x[i]! + ofX(i % architectures),
    gap: y[i]! + ofY(i % architectures),
  }));
}
const ten = clustered(120, 10, [(g) => 3 * at(3000 + g), (g) => 2 * at(3000 + g)]);
const intervalOf = (points: typeof ten) => {
  const tau = tauOf(
    points.map(({ measure }) => measure),
    points.map(({ gap }) => gap),
  )!;
  return tauInterval(points, tau, noPause);
};

/** NumPy and SciPy: kendalltau over the rows of ten architectures drawn with replacement, 9999 times. */
test("the interval is near that of a bootstrap of whole architectures", async () => {
  const [low, high] = [0.62932, 0.79198];
  const found = (await intervalOf(ten))!;
  expect(Math.abs(found.low - low)).toBeLessThan(0.1 * (high - low));
  expect(Math.abs(found.high - high)).toBeLessThan(0.1 * (high - low));
});

/** The same, 1500 times over 400 architectures of five; ours draws fewer, of half the configurations. */
test("over many configurations it is no narrower, and not much wider", async () => {
  const [low, high] = [0.12705, 0.20979];
  const many = clustered(2000, 400, [(g) => 2 * at(3000 + g), (g) => at(3500 + g)]);
  const found = (await intervalOf(many))!;
  const ratio = (found.high - found.low) / (high - low);
  expect(ratio).toBeGreaterThan(0.95);
  expect(ratio).toBeLessThan(1.4);
  expect(Math.abs(found.high + found.low - high - low)).toBeLessThan(0.2 * (high - low));
});

test("the same entries have the same interval; copies of an architecture's own make it no narrower", async () => {
  expect(await intervalOf(ten)).toEqual(await intervalOf(ten));
  const one = (await intervalOf(ten))!;
  const copied = (await intervalOf([...ten, ...ten, ...ten]))!;
  expect((copied.high - copied.low) / (one.high - one.low)).toBeGreaterThan(0.9);
});

test("fewer than eight architectures have none, eight have one", async () => {
  const having = (count: number) => ten.filter(({ arch }) => Number(arch.slice(4)) < count);
  expect(await intervalOf(having(7))).toBeNull();
  expect(await intervalOf(having(8))).not.toBeNull();
});

/** NumPy: the partial correlation from the inverse of the matrix of SciPy's four kendalltau, -P01 / sqrt(P00 P11). */
test.each([
  [8, 0.2322313814676394],
  [30, 0.3752498998085548],
  [500, 0.3366714310578766],
])(
  "the partial tau of %i configurations is that of the matrix of all taus",
  async (count, expected) => {
    const rows = Array.from({ length: count }, (_, i) => {
      const width = [64, 128, 256, 512][at(1000 + i) % 4]!;
      const trainLoss = at(500 + i) % 23;
      const measure = x[i]! + width / 4 - 2 * trainLoss;
      return { measure, gap: y[i]! + width / 8 + 3 * trainLoss, width, trainLoss };
    });
    expect(await partialTau(rows, noPause)).toBeCloseTo(expected, 12);
    const own = rows.map((row) => ({ ...row, measure: row.width ** 2 }));
    expect(await partialTau(own, noPause)).toBeNull();
  },
);

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
