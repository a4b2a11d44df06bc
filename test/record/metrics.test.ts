import { describe, expect, test } from "vitest";
import { memorisedBits, normalizedAccuracy, runMetrics } from "../../record/metrics.ts";
import { RunMetrics } from "../../record/metrics-schema.ts";
import { findProtocol } from "../../record/protocols.ts";
import { aDivergedRun, aRun, withFinal } from "../world/runs.ts";

const micro = findProtocol("micro-1");
const headline = { tap: 2, n: 100 };

test("a run's shares are its counts over its samples", () => {
  const metrics = runMetrics(aRun({ seed: 7 }), micro);
  expect(RunMetrics.parse(metrics)).toEqual(metrics);
  expect(metrics).toMatchObject({
    seed: 7,
    status: "completed",
    epochs: 2,
    trainAccuracy: 2000 / 2500,
    testAccuracy: 4500 / 10_000,
    trainLoss: 0.5,
    testLoss: 1.7,
    seconds: 13,
    imagesPerSecond: 7500,
    clippedShare: 5 / 50,
    counts: { trainSamples: 2500, testSamples: 10_000, trainCorrect: 2000, testCorrect: 4500 },
  });
  expect(metrics.gap).toBeCloseTo(0.35, 15);
  expect(metrics.lossGap).toBeCloseTo(1.2, 15);
});

test("with label noise the gap is against the labels trained on, and the clean accuracy stands beside", () => {
  const run = aRun();
  const noisy = { ...run, final: { ...run.final!, trainCorrect: 2250, trainCleanCorrect: 1750 } };
  const { trainAccuracy, cleanTrainAccuracy, gap } = runMetrics(noisy, micro);
  expect([trainAccuracy, cleanTrainAccuracy]).toEqual([0.9, 0.7]);
  expect(gap).toBeCloseTo(0.45, 15);
});

describe("normalised accuracy", () => {
  test.each([2, 10, 1000])("is 0 at chance and 1 at everything for n = %i", (n) => {
    expect(normalizedAccuracy(1 / n, n)).toBe(0);
    expect(normalizedAccuracy(1, n)).toBe(1);
  });

  test("is the Rademacher correlation for n = 2", () => {
    expect(normalizedAccuracy(0.8, 2)).toBeCloseTo(2 * 0.8 - 1, 15);
  });
});

describe("memorised bits", () => {
  test("are all of log2 n without loss and none at the loss of uniform logits", () => {
    expect(memorisedBits(0, 1024)).toBe(10);
    expect(memorisedBits(Math.log(100), 100)).toBeCloseTo(0, 14);
    expect(memorisedBits(2 * Math.log(2), 2)).toBeCloseTo(-1, 14);
  });
});

describe("the complexity", () => {
  test("is the mean over both draws of the last tap at the headline n", () => {
    const { learnedComplexity } = runMetrics(withFinal(aRun(), headline, [1510, 520]), micro);
    expect(learnedComplexity).toBeCloseTo(((1510 + 520) / 2 / 2500 - 0.01) / 0.99, 15);
  });

  test("does not look at earlier taps or other label spaces", () => {
    const run = withFinal(aRun(), { tap: 1, n: 100 }, [2500, 2500]);
    const other = withFinal(run, { tap: 2, n: 10 }, [2500, 2500]);
    expect(runMetrics(other, micro).learnedComplexity).toBe(0);
  });

  test("leaves out the draw that a regularizer acts on, which stands beside it", () => {
    const run = withFinal(aRun({ regs: "rl=10" }), headline, [25, 1510]);
    const metrics = runMetrics(run, micro);
    expect(metrics.learnedComplexity).toBeCloseTo((1510 / 2500 - 0.01) / 0.99, 15);
    expect(metrics.regularizedComplexity).toBe(0);
    expect(metrics.heads.filter(({ regularized }) => regularized)).toMatchObject([
      { ...headline, draw: 0, final: 0.01 },
    ]);
  });

  test("keeps both draws when the regularizer acts on an earlier tap", () => {
    const run = withFinal(aRun({ regs: "rl=10@1" }), headline, [25, 1510]);
    const metrics = runMetrics(run, micro);
    expect(metrics.learnedComplexity).toBeCloseTo(((25 + 1510) / 2 / 2500 - 0.01) / 0.99, 15);
    expect(metrics.regularizedComplexity).toBeNull();
    expect(metrics.heads.filter(({ regularized }) => regularized)).toMatchObject([
      { tap: 1, n: 100, draw: 0 },
    ]);
  });

  test("stands beside refit, frozen trunk and null on the same scale, and their differences", () => {
    const metrics = runMetrics(withFinal(aRun(), headline, [2005, 2005]), micro);
    expect(metrics.learnedComplexity).toBeCloseTo(0.8, 12);
    expect(metrics.capacity).toBeCloseTo((0.8 - 0.01) / 0.99, 12);
    expect(metrics.frozenCapacity).toBeCloseTo((0.604 - 0.01) / 0.99, 12);
    expect(metrics.countsNull).toBeCloseTo(0.5, 12);
    expect(metrics.learnedMinusFrozen).toBeCloseTo(0.802 / 0.99 - 0.01 / 0.99 - 0.6, 12);
    expect(metrics.complexityMinusNull).toBeCloseTo(0.3, 12);
  });
});

test("every head is listed with online, final, bits and unseen", () => {
  const run = aRun();
  const [first, ...rest] = run.heads!;
  const heads = [
    { ...first!, final: 1500, unseen: 1270, lossSum: 2500 * Math.LN2 * 0.75 },
    ...rest,
  ];
  expect(runMetrics({ ...run, heads }, micro).heads).toHaveLength(13);
  expect(runMetrics({ ...run, heads }, micro).heads[0]).toEqual({
    tap: 1,
    n: 2,
    draw: 0,
    regularized: false,
    online: 1251 / 2500,
    final: 0.6,
    normalized: expect.closeTo(0.2, 14) as number,
    bits: expect.closeTo(0.25, 14) as number,
    unseen: 0.508,
    counts: { online: 1251, final: 1500, unseen: 1270 },
  });
});

test("controls are shares with their counts", () => {
  const { controls } = runMetrics(aRun(), micro);
  expect(controls).toMatchObject({
    refit: [
      { tap: 1, n: 100, accuracy: 0.8, correct: 2000 },
      { tap: 2, n: 100, accuracy: 0.8, correct: 2000 },
    ],
    frozen: [{ accuracy: 0.604 }, { accuracy: 0.604 }],
    effectiveRank: 80,
    participationRatio: 12,
    ridge: [{ l: 0.001, dimension: 200 }],
  });
});

test("a diverged run keeps its online counts and has no results", () => {
  const metrics = runMetrics(aDivergedRun({ regs: "rl=10" }), micro);
  expect(RunMetrics.parse(metrics)).toEqual(metrics);
  const missing = { trainAccuracy: null, testAccuracy: null, gap: null, learnedComplexity: null };
  expect(metrics).toMatchObject({ status: "diverged", epochs: 1, ...missing, controls: null });
  expect(metrics.heads.find(({ n, draw, tap }) => n === 100 && draw === 0 && tap === 2)).toEqual({
    ...headline,
    draw: 0,
    regularized: true,
    online: 0.01,
    final: null,
    normalized: null,
    bits: null,
    unseen: null,
    counts: { online: 25, final: null, unseen: null },
  });
});

test("a run that diverged in its first epoch has not even those", () => {
  const metrics = runMetrics({ ...aDivergedRun(), epochs: [] }, micro);
  expect(RunMetrics.parse(metrics)).toEqual(metrics);
  expect(metrics.heads.map(({ online }) => online)).toEqual(new Array(13).fill(null));
  expect(metrics.clippedShare).toBeNull();
});
