import { describe, expect, test } from "vitest";
import { memorisedBits, normalizedAccuracy, runMetrics } from "../../record/metrics.ts";
import { RunMetrics } from "../../record/metrics-schema.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
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

describe("normalized accuracy", () => {
  test.each([2, 10, 1000])("is 0 at chance and 1 at everything for n = %i", (n) => {
    expect(normalizedAccuracy(1 / n, n)).toBe(0);
    expect(normalizedAccuracy(1, n)).toBe(1);
  });

  test("is the Rademacher correlation for n = 2", () => {
    expect(normalizedAccuracy(0.8, 2)).toBeCloseTo(2 * 0.8 - 1, 15);
  });
});

describe("memorized bits", () => {
  test("are all of log2 n without loss and none at the loss of uniform logits", () => {
    expect(memorisedBits(0, 1024)).toBe(10);
    expect(memorisedBits(Math.log(100), 100)).toBeCloseTo(0, 14);
    expect(memorisedBits(2 * Math.log(2), 2)).toBeCloseTo(-1, 14);
  });
});

describe("learned complexity", () => {
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

  test("minus that of the same heads on the frozen trunk is a number of its own", () => {
    const run = withFrozen(withFinal(aRun(), headline, [2005, 2105]), [1510, 1610]);
    const metrics = runMetrics(run, micro);
    expect(metrics.learnedComplexity).toBeCloseTo((2055 / 2500 - 0.01) / 0.99, 12);
    expect(metrics.frozenComplexity).toBeCloseTo((1560 / 2500 - 0.01) / 0.99, 12);
    expect(metrics.learnedMinusFrozen).toBeCloseTo(495 / 2500 / 0.99, 12);
  });

  test("is compared with frozen heads of its own draws: without the one that a regularizer acts on", () => {
    const run = withFrozen(withFinal(aRun({ regs: "rl=10" }), headline, [25, 1510]), [2500, 1015]);
    const metrics = runMetrics(run, micro);
    expect(metrics.frozenComplexity).toBeCloseTo((1015 / 2500 - 0.01) / 0.99, 12);
    expect(metrics.learnedMinusFrozen).toBeCloseTo(495 / 2500 / 0.99, 12);
  });
});

/** The heads on the frozen trunk with other final counts. */
function withFrozen(run: Run, finals: number[]): Run {
  const frozenHeads = run.frozenHeads!.map((head) => ({ ...head, final: finals[head.draw]! }));
  return { ...run, frozenHeads };
}

/** Another refit at the last tap and the headline n. */
function withRefit(run: Run, redraws: number[], told: number | null = null): Run {
  const refit = run.controls!.refit.map((each) =>
    each.tap === headline.tap && each.n === headline.n ? { ...each, told, redraws } : each,
  );
  return { ...run, controls: { ...run.controls!, refit } };
}

describe("capacity", () => {
  // mean 1535 over the first eight
  const redraws = [1500, 1510, 1520, 1530, 1540, 1550, 1560, 1570, ...Array<number>(91).fill(1400)];

  test("is the mean over the first K redraws of the last tap at the headline n", () => {
    const metrics = runMetrics(withRefit(aRun(), redraws, 1600), micro);
    expect(metrics.capacity).toBeCloseTo((0.614 - 0.01) / 0.99, 14);
    // the frozen trunk's: 1510 and eight offsets that add up to 2
    expect(metrics.frozenCapacity).toBeCloseTo((1510.25 / 2500 - 0.01) / 0.99, 14);
    expect(metrics.capacityMinusFrozen).toBeCloseTo(24.75 / 2500 / 0.99, 12);
    expect(metrics.leveragesNull).toBeCloseTo((0.45 - 0.01) / 0.99, 14);
    expect(metrics.capacityMinusLeverages).toBeCloseTo(0.164 / 0.99, 12);
  });

  test("of the told labelling, less the mean over every redraw, is selectivity", () => {
    const { selectivity } = runMetrics(withRefit(aRun(), redraws, 1600), micro);
    expect(selectivity).toBeCloseTo((1600 - (8 * 1535 + 91 * 1400) / 99) / 2500 / 0.99, 14);
    expect(runMetrics(withRefit(aRun(), redraws), micro).selectivity).toBeNull();
  });

  test("has an equivalent width: that of the shapeless cloud of the same accuracy", () => {
    // root of method.md's formula, integrated over every count in SciPy (brentq)
    const { equivalentWidth, equivalentWidthBound } = runMetrics(withRefit(aRun(), redraws), micro);
    expect(equivalentWidth).toBeCloseTo(192.4503, 3);
    expect(equivalentWidthBound).toBeNull();
  });

  test("of everything or of chance bounds the equivalent width", () => {
    const everything = runMetrics(withRefit(aRun(), Array<number>(8).fill(2500)), micro);
    // the width of accuracy 1 - 1/2500, from the same implementation
    expect(everything.equivalentWidth).toBeCloseTo(738.9575, 2);
    expect(everything.equivalentWidthBound).toBe("at least");
    const chance = runMetrics(withRefit(aRun(), Array<number>(8).fill(25)), micro);
    expect([chance.equivalentWidth, chance.equivalentWidthBound]).toEqual([0, "at most"]);
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
  const accuracy = expect.closeTo(2000.25 / 2500, 14) as number;
  expect(controls!.refit.map(({ tap, n }) => `${tap}/${n}`)).toEqual([
    ...["1/100", "2/2", "2/10", "2/100", "2/1000"],
  ]);
  expect(controls).toMatchObject({
    refit: [
      { accuracy, capacity: expect.closeTo((0.8001 - 0.01) / 0.99, 12) as number, told: null },
      { accuracy, capacity: expect.closeTo(2 * 0.8001 - 1, 12) as number, told: null },
      { accuracy },
      { accuracy, told: 0.8, counts: { told: 2000 } },
      { accuracy },
    ],
    null: [{ width: 512, spectrum: 0.5, leverages: 0.45 }, {}, {}, {}, {}],
    effectiveRank: 80,
    participationRatio: 12,
  });
  expect(controls!.refit.map(({ counts }) => counts.redraws.length)).toEqual([8, 8, 8, 99, 8]);
  expect(controls!.frozen.map(({ accuracy, told }) => [accuracy, told])).toEqual(
    Array(5).fill([expect.closeTo(1510.25 / 2500, 14), null]),
  );
});

test("heads on the frozen trunk are listed with online, final, bits and unseen", () => {
  const run = withFrozen(aRun(), [1000, 500]);
  const [first, second] = run.frozenHeads!;
  run.frozenHeads = [{ ...first!, unseen: 30, lossSum: 2500 * Math.log(50) }, second!];
  expect(runMetrics(run, micro).frozenHeads).toHaveLength(2);
  expect(runMetrics(run, micro).frozenHeads[0]).toEqual({
    draw: 0,
    online: 0.01,
    final: 0.4,
    normalized: expect.closeTo(0.39 / 0.99, 14) as number,
    bits: expect.closeTo(1, 13) as number,
    unseen: 0.012,
    counts: { online: 25, final: 1000, unseen: 30 },
  });
});

test("a diverged run keeps its online counts and has no results", () => {
  const metrics = runMetrics(aDivergedRun({ regs: "rl=10" }), micro);
  expect(RunMetrics.parse(metrics)).toEqual(metrics);
  const missing = { trainAccuracy: null, testAccuracy: null, gap: null, learnedComplexity: null };
  expect([metrics.capacity, metrics.equivalentWidth, metrics.selectivity]).toEqual([
    ...[null, null, null],
  ]);
  expect(metrics.frozenHeads.map(({ online, final }) => [online, final])).toEqual([
    [0.01, null],
    [0.01, null],
  ]);
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
