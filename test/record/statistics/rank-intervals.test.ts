import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  rankIntervals,
  rankableDistance,
  significantPairs,
  tiers,
} from "../../../record/statistics/rank-intervals.ts";
import {
  type Sample,
  sampleOf,
  welchP,
  welchTest,
  CRITICAL_T_ERROR,
  criticalT,
  tQuantile,
} from "../../../record/statistics/t-interval.ts";
import { seededRandom } from "../../../record/statistics/kendall-tau.ts";

test("spreads too small to be squared are tested like any other", () => {
  const tiny = [1, 2, 3, 4, 5].map((value) => value * 1e-85);
  const larger = tiny.map((value) => value * 10);
  const p = welchP(sampleOf(tiny), sampleOf(larger));
  // scale does not matter
  expect(p).toBeCloseTo(welchP(sampleOf([1, 2, 3, 4, 5]), sampleOf([10, 20, 30, 40, 50])), 12);
  expect(rankIntervals([sampleOf(tiny), sampleOf(larger)], "ascending")).toHaveLength(2);
});

/** SciPy 1.17: ttest_ind(equal_var=False) and its confidence_interval(.95). */
test.each([
  {
    a: [0.41, 0.43, 0.4, 0.46, 0.42],
    b: [0.39, 0.42, 0.4, 0.41, 0.4, 0.38, 0.45, 0.4],
    expected: [0.01775, 0.20129623646707115, -0.01161292602069515, 0.04711292602069524],
  },
  {
    a: [1, 2, 3, 4, 5],
    b: [2.5, 2.6, 2.4],
    expected: [0.5, 0.5193502848067151, -1.4596310663511185, 2.4596310663511183],
  },
  {
    a: [0.1, 0.2],
    b: [0.5, 0.9, 0.7],
    expected: [-0.55, 0.028802786365981065, -0.98373020804733, -0.11626979195266968],
  },
])("Welch's test agrees with SciPy: $expected", ({ a, b, expected }) => {
  const { difference, p, low, high } = welchTest(sampleOf(a), sampleOf(b))!;
  for (const [i, value] of [difference, p, low, high].entries())
    expect(value).toBeCloseTo(expected[i]!, 11);
});

test("Welch's test says nothing of samples that do not spread, or of a single value", () => {
  const [one, two] = [sampleOf([1, 1]), sampleOf([2, 2, 2])];
  expect(welchTest(one, two)).toBeNull();
  expect(welchP(one, two)).toBe(1);
  expect(welchTest(sampleOf([1, 1.5]), sampleOf([2]))).toBeNull();
  expect(pairs(rankIntervals([one, two], "ascending"))).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("equal counts are no certainty: Welch's test knows them within one count", () => {
  // scipy.stats.ttest_ind_from_stats(.4, s, 8, .4 + g/2, s, 5, equal_var=False), s^2 = g^2/12, g = 100/(99 * 2500)
  const g = 100 / (99 * 2500);
  const [eight, five] = [
    sampleOf(new Array<number>(8).fill(0.4), g ** 2 / 12),
    sampleOf(new Array<number>(5).fill(0.4 + g / 2), g ** 2 / 12),
  ];
  const { p, low, high } = welchTest(eight, five)!;
  expect(p).toBeCloseTo(0.014738778401879215, 10);
  expect((high - low) / 2).toBeCloseTo(0.00015139229506499772, 14);
});

test("equal values without a step are equal, however many seeds they are of", () => {
  const [eight, five] = [8, 5].map((count) => sampleOf(new Array<number>(count).fill(0.1)));
  expect(eight).toEqual({ mean: 0.1, variance: 0, count: 8 });
  expect(welchP(eight!, five!)).toBe(1);
  expect(pairs(rankIntervals([eight!, five!], "ascending"))).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

/** Nine entries over 8 or 5 seeds; the intervals by SciPy's p of every pair, at .05/8. */
const NINE = [
  [0.482, 0.483, 0.51, 0.466, 0.498, 0.466, 0.517, 0.503],
  [0.554, 0.507, 0.53, 0.513, 0.502],
  [0.545, 0.496, 0.528, 0.564, 0.542, 0.526, 0.617, 0.542],
  [0.551, 0.562, 0.552, 0.554, 0.555],
  [0.631, 0.581, 0.584, 0.597, 0.63, 0.574, 0.564, 0.642],
  [0.549, 0.587, 0.623, 0.68, 0.567],
  [0.584, 0.63, 0.612, 0.614, 0.627, 0.623, 0.624, 0.614],
  [0.672, 0.678, 0.641, 0.629, 0.658],
  [0.677, 0.624, 0.644, 0.697, 0.657, 0.648, 0.667, 0.659],
].map((values) => sampleOf(values));
const pairs = (intervals: ReturnType<typeof rankIntervals>) =>
  intervals.map((each) => each && [each.low, each.high]);

test("rank intervals agree with SciPy's tests of all pairs, from either end of the column", () => {
  const ascending = [
    [1, 3],
    [1, 5],
    [2, 5],
    [2, 5],
    [5, 7],
    [1, 9],
    [5, 8],
    [6, 9],
    [7, 9],
  ];
  expect(pairs(rankIntervals(NINE, "ascending"))).toEqual(ascending);
  const descending = [
    [7, 9],
    [5, 9],
    [5, 8],
    [5, 8],
    [3, 5],
    [1, 9],
    [2, 5],
    [1, 4],
    [1, 3],
  ];
  expect(pairs(rankIntervals(NINE, "descending"))).toEqual(descending);
});

test("entries of equal intervals form a tier", () => {
  expect(tiers(rankIntervals(NINE, "ascending"))).toEqual([1, 2, 4, 4, 5, 3, 6, 7, 8]);
  expect(tiers([null, { low: 1, high: 2 }, null, { low: 1, high: 2 }])).toEqual([null, 1, null, 1]);
  expect(tiers([])).toEqual([]);
});

test("entries without a mean have no rank, those with one seed an open one", () => {
  const column = [NINE[0]!, null, NINE[4]!, sampleOf([0.9]), null];
  expect(pairs(rankIntervals(column, "ascending"))).toEqual([[1, 2], null, [2, 3], [1, 3], null]);
  expect(rankIntervals([], "ascending")).toEqual([]);
  expect(pairs(rankIntervals([sampleOf([0.5, 0.6])], "descending"))).toEqual([[1, 1]]);
});

describe("against every pair tested alone", () => {
  function byEveryPair(samples: Sample[]) {
    const differs = (a: Sample, b: Sample) =>
      a.count > 1 && b.count > 1 && welchP(a, b) < 0.05 / Math.max(1, samples.length - 1);
    return samples.map((sample) => {
      const apart = samples.filter((other) => differs(sample, other));
      const better = apart.filter(({ mean }) => mean < sample.mean).length;
      return [1 + better, samples.length - (apart.length - better)];
    });
  }
  const value = fc.integer({ min: 0, max: 60 }).map((i) => i / 64);
  const wide = fc.array(value, { minLength: 1, maxLength: 6 });
  const narrow = fc.tuple(
    value,
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 }),
  );
  const values = fc.oneof(
    wide,
    narrow.map(([center, offsets]) => offsets.map((i) => center + i / 256)),
  );

  test("the fast count is the same", () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 25 }), (columns) => {
        const samples = columns.map((values) => sampleOf(values));
        expect(pairs(rankIntervals(samples, "ascending"))).toEqual(byEveryPair(samples));
      }),
      { numRuns: 300 },
    );
  });
});

test.each([0.05, 0.05 / 49, 0.05 / 9_999, 1e-8])(
  "the table's t at %d is Student's, well within the error it states",
  (level) => {
    const table = criticalT(level);
    for (let df = 1; df < 400; df *= 1.0537) {
      const exact = tQuantile(1 - level, df);
      expect(Math.abs(table(df) - exact) / exact).toBeLessThan(CRITICAL_T_ERROR / 2);
    }
  },
);

test.each([
  // scipy.stats.t.isf(.05 / (N - 1) / 2, 2 runs - 2) * sqrt(2 / runs)
  [50, 8, 2.0650465940079745],
  [2, 8, 1.072393343958902],
  [10_000, 8, 3.5707858257203275],
  [50, 5, 3.1781343468532097],
])("two of %d entries with %d runs each must be %d standard deviations apart", (n, runs, apart) => {
  expect(rankableDistance(n, runs)).toBeCloseTo(apart, 8);
  const at = (mean: number) => ({ mean, variance: 1, count: runs });
  const width = (distance: number) => {
    const column = [at(0), at(distance), ...new Array<Sample>(n - 2).fill(at(distance / 2))];
    return rankIntervals(column, "ascending")[0]!.high;
  };
  expect([width(apart * 0.9999), width(apart * 1.0001)]).toEqual([n, n - 1]);
});

describe("a hundred equal entries with eight runs each", () => {
  const [ENTRIES, RUNS, ROUNDS] = [100, 8, 200];
  /** Standard normal, by Box and Muller. */
  function normals(seed: number): () => number {
    const random = seededRandom(seed);
    return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }

  test.each([
    { of: "one spread", largest: 1 },
    { of: "spreads up to eight times as large", largest: 8 },
  ])("of $of have narrowed intervals for at most 5 %", ({ largest }) => {
    const normal = normals(12);
    let narrowed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const samples = Array.from({ length: ENTRIES }, (_, entry) =>
        sampleOf(Array.from({ length: RUNS }, () => largest ** (entry / ENTRIES) * normal())),
      );
      const intervals = rankIntervals(samples, "ascending");
      narrowed += intervals.filter((each) => each!.low > 1 || each!.high < ENTRIES).length;
    }
    // entries of a round depend on each other: as if each round were one draw, at 99.9 %
    const limit = 0.05 + 3.09 * Math.sqrt((0.05 * 0.95) / ROUNDS);
    expect(narrowed / ROUNDS / ENTRIES).toBeLessThan(limit);
    expect(narrowed / ROUNDS / ENTRIES).toBeGreaterThan(0.01); // a test that never rejects is none
  });
});

test("of two entries each is judged by the other as it judges the other", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 6 }), {
        minLength: 1,
        maxLength: 30,
      }),
      (columns) => {
        const samples = columns.map((values) => sampleOf(values, 1 / 12));
        const up = rankIntervals(samples, "ascending").map((each) => each!);
        const total = (count: (interval: { low: number; high: number }) => number) =>
          up.reduce((sum, each) => sum + count(each), 0);
        expect(total(({ low }) => low - 1)).toBe(total(({ high }) => samples.length - high));
        const mirrored = up.map(({ low, high }) => {
          return { low: samples.length + 1 - high, high: samples.length + 1 - low };
        });
        expect(rankIntervals(samples, "descending")).toEqual(mirrored);
      },
    ),
  );
});

/** Sums of twelve uniform numbers are nearly normal. */
function samplesOf(count: number, spread: number, error: (u: number) => number): Sample[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, () => {
    const normal = Array.from({ length: 12 }, random).reduce((sum, u) => sum + u, -6);
    const seeds = [2, 5, 8, 8, 8][Math.floor(5 * random())]!;
    return { mean: 0.4 + spread * normal, variance: seeds * error(random()) ** 2, count: seeds };
  });
}

test.each<[string, Sample[]]>([
  ["far apart", samplesOf(500, 0.2, (u) => 0.002 + 0.004 * u)],
  ["close together", samplesOf(500, 0.01, (u) => 0.002 + 0.004 * u)],
  ["of errors of every size", samplesOf(500, 0.05, (u) => 10 ** (-6 * u))],
  ["some without spread", samplesOf(300, 0.05, (u) => (u < 0.3 ? 0 : u / 50))],
  ["all without spread", samplesOf(50, 0.05, () => 0)],
  ["all equal and without spread", samplesOf(50, 0, () => 0)],
])("samples %s are counted as by testing every pair", (_, samples) => {
  const level = 0.05 / (samples.length - 1);
  const { lower, higher } = significantPairs(samples, level);
  for (const [i, sample] of samples.entries()) {
    const apart = samples.filter((other) => welchP(sample, other) < level);
    expect(lower[i]).toBe(apart.filter(({ mean }) => mean < sample.mean).length);
    expect(higher[i]).toBe(apart.filter(({ mean }) => mean > sample.mean).length);
  }
});
