import { expect, test } from "vitest";
import fc from "fast-check";
import { MeasuresDocument } from "../../../record/answers/documents.ts";
import {
  MEASURE_NAMES,
  type MeasuredEntry,
  measureScores,
  measuredEntry,
  kendallTau,
  percentile,
  seededRandom,
  sortPairs,
  tauInterval,
} from "../../../record/board/measure-scores.ts";
import { outcome } from "../../../record/summary.ts";
import { aResult } from "../../world/statements.ts";
import { aWholeDivergedRun, aWholeRun, micro } from "../../world/runs.ts";

const id = "a".repeat(64);
const result = aResult();

test("an entry's measures are means over its runs, as the counts give them", () => {
  const { gap, measures } = measuredEntry(id, result, micro);
  const [first, ...rest] = [...result.panel, ...result.fresh];
  const { summary } = outcome([first!, ...rest], micro);
  expect(gap).toBe(summary.gap!.mean);
  expect(measures.learnedComplexity).toBe(summary.learnedComplexity!.mean);
  expect(measures.effectiveRank).toBe(80);
  expect(measures.params).toBe(1_841_162);
  // 30 epochs of 4000 nats over 2500 samples
  expect(measures.cumulativeLoss).toBeCloseTo(30 * 1.6, 9);
  // 25 of 2500 labels of 100: chance
  expect(measures.onlineComplexity).toBeCloseTo(0, 12);
  expect(measures.epochsToLearn).toBeNull();
});

test("the task counts as learned in the first epoch that passes 90 %", () => {
  const [epoch] = result.panel[0]!.epochs;
  const epochs = [1000, 2250, 2251, 2400].map((correct) => ({ ...epoch!, correct }));
  const panel = [aWholeRun({ epochs })];
  expect(measuredEntry(id, { ...result, panel, fresh: [] }, micro).measures.epochsToLearn).toBe(3);
});

test("one diverged run leaves the parameters alone", () => {
  const fresh = [aWholeDivergedRun({ seed: 9 })];
  const { gap, measures } = measuredEntry(id, { ...result, fresh }, micro);
  expect(gap).toBeNull();
  const present = MEASURE_NAMES.filter((name) => measures[name] !== null);
  expect(present).toEqual(["params"]);
});

function anEntry(i: number, changes: Partial<MeasuredEntry["measures"]> = {}): MeasuredEntry {
  const measures = Object.fromEntries(MEASURE_NAMES.map((name) => [name, i]));
  return {
    entry: i.toString(16).padStart(64, "0"),
    arch: "mlp-512",
    regs: "none",
    gap: i / 1000,
    measures: { ...(measures as MeasuredEntry["measures"]), ...changes },
  };
}

test("scores tell which measure orders the gap, which reverses it and which says nothing", async () => {
  const entries = Array.from({ length: 9 }, (_, i) =>
    anEntry(i, { bits: -i, params: 7, trainLoss: i % 2 === 0 ? null : i }),
  );
  const scores = await measureScores(entries);
  const document = {
    protocol: { id, name: "micro-1" },
    entries: 9,
    configurations: 9,
    measures: scores,
  };
  expect(MeasuresDocument.parse(document)).toEqual(document);
  const of = (name: string) => scores.find((score) => score.name === name)!;
  expect(of("learnedComplexity")).toMatchObject({ tau: 1, low: 1, high: 1, entries: 9, pairs: 36 });
  expect(of("bits")).toMatchObject({ tau: -1, low: -1, high: -1 });
  expect(of("params")).toMatchObject({ tau: null, low: null, high: null, entries: 9 });
  expect(of("trainLoss")).toMatchObject({ tau: 1, low: null, entries: 4, pairs: 6 });
});

test("of many entries 500 points are shown, first and last among them", async () => {
  const entries = Array.from({ length: 1234 }, (_, i) => anEntry(i));
  const { points, entries: count } = (await measureScores(entries))[0]!;
  expect(count).toBe(1234);
  expect(points.length).toBe(500);
  expect(new Set(points.map(({ entry }) => entry)).size).toBe(500);
  expect([points[0]!.measure, points.at(-1)!.measure]).toEqual([0, 1233]);
});

test("no entries, no scores, no error", async () => {
  const scores = await measureScores([]);
  expect(scores.every(({ tau, points }) => tau === null && points.length === 0)).toBe(true);
});

test("others are let in many times while scores are computed", async () => {
  const entries = Array.from({ length: 20 }, (_, i) => anEntry(i));
  let pauses = 0;
  await measureScores(entries, () => Promise.resolve(void (pauses += 1)));
  expect(pauses).toBeGreaterThan(100);
});

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
