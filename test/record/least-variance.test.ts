import { expect, test } from "vitest";
import { leastVariance, leastVarianceAt, sampleOfRuns } from "../../record/least-variance.ts";
import { runMetrics } from "../../record/metrics.ts";
import { RunNumbers } from "../../record/metrics-schema.ts";
import { summarize } from "../../record/summary.ts";
import { equivalentWidth } from "../../record/statistics/null-accuracy.ts";
import { aRun, micro } from "../world/runs.ts";

const counted = { headline: 100, trainSamples: 2500, testSamples: 10_000 };

test("a number made of counts spreads at least as its steps do", () => {
  const a = 1.3604054008094412e-8; // (100 / (99 * 2500))^2 / 12
  expect(leastVariance("learnedComplexity", counted)).toBeCloseTo(a, 20);
  expect(leastVariance("capacity", counted)).toBeCloseTo(a, 20);
  expect(leastVariance("capacityMinusFrozen", counted)).toBeCloseTo(2 * a, 20);
  expect(leastVariance("testAccuracy", counted)).toBeCloseTo(1e-8 / 12, 20);
  expect(leastVariance("gap", counted)).toBeCloseTo((1 / 2500 ** 2 + 1e-8) / 12, 20);
  expect(leastVarianceAt("normalized", 10, 2500)).toBeCloseTo((10 / (9 * 2500)) ** 2 / 12, 20);
  expect(leastVarianceAt("final", 10, 2500)).toBeCloseTo(1 / 2500 ** 2 / 12, 20);
});

test.each([
  // SciPy: the null by a sum over binomial counts and 801 nodes of a normal; 1 / m over its gain from D to D + 1
  [155, 0.12242156921058851],
  [31, 0.14871230491809803],
])("the step of an equivalent width of %d is %d", (width, step) => {
  const found = Math.sqrt(12 * leastVariance("equivalentWidth", counted, width));
  expect(Math.abs(found / step - 1)).toBeLessThan(1e-3);
});

test("the step of an equivalent width has an end where the width has one", () => {
  for (const headline of [2, 100]) {
    const [narrowest, widest] = [0, 1].map(
      (accuracy) => equivalentWidth(2500, headline, accuracy).width,
    );
    for (const width of [narrowest!, widest!]) {
      const found = Math.sqrt(
        12 * leastVariance("equivalentWidth", { ...counted, headline }, width),
      );
      expect(found).toBeGreaterThan(0);
      expect(found).toBeLessThan(width / 2 + 1);
    }
  }
});

test("what is no count has no step", () => {
  for (const name of ["trainLoss", "bits", "seconds", "effectiveRank", "spectrumNull"] as const)
    expect(leastVariance(name, counted)).toBe(0);
});

test("runs of equal counts have intervals for all that is counted, none for what is not, and no width of zero", () => {
  const runs = [1, 2, 3, 4, 5].map((seed) => aRun({ seed }));
  const summary = summarize(runs, micro);
  const open = Object.keys(RunNumbers.shape).filter((name) => {
    const estimate = summary[name as keyof RunNumbers];
    return estimate !== null && estimate.low === null;
  });
  expect(open.toSorted()).toEqual(
    [
      ...["trainLoss", "testLoss", "lossGap", "bits", "clippedShare", "seconds", "imagesPerSecond"],
      ...["countsNull", "spectrumNull", "leveragesNull"],
    ].toSorted(),
  );
  for (const estimate of [...summary.heads.map(({ final }) => final), summary.capacity])
    expect(estimate!.high! - estimate!.low!).toBeGreaterThan(0);
  const metrics = runs.map((run) => runMetrics(run, micro));
  expect(sampleOfRuns(metrics, "testAccuracy", micro)!.variance).toBeCloseTo(1e-8 / 12, 20);
  expect(sampleOfRuns(metrics, "effectiveRank", micro)!.variance).toBe(0);
});
