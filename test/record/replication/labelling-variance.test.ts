import { expect, test } from "vitest";
import {
  labellingVariance,
  labellingVarianceBounds,
} from "../../../record/replication/labelling-variance.ts";

const RUNS = [
  [0.5, 0.52, 0.49, 0.51],
  [0.55, 0.58, 0.56, 0.53],
  [0.47, 0.46, 0.49, 0.48],
  [0.6, 0.56, 0.62, 0.59],
  [0.52, 0.53, 0.52, 0.52],
];

const [LABELLING, SEED] = [0.00028333333333333287, 0.0019885416666666675];
const LABELLING_BOUNDS = [0.00010999999999999999, 0.00046666666666666574] as const;
const SEED_BOUNDS = [0.0002283333333333338, 0.0034410416666666695] as const;
const RATIO_BOUNDS = [0.09470649573698066, 1.1130434782608787] as const;

// NumPy: var(ddof=1) along each axis; quantile over the same 10,000 draws of a second mulberry32
test("components of variance and their bootstrap over seeds, as NumPy", () => {
  const found = labellingVariance(RUNS);
  expect(found.labelling).toBeCloseTo(LABELLING, 15);
  expect(found.seed).toBeCloseTo(SEED, 15);
  expect(found.ratio).toBeCloseTo(LABELLING / SEED, 12);
  const { labelling, seed, ratio } = labellingVarianceBounds(RUNS);
  for (const [bounds, low, high] of [
    [labelling, ...LABELLING_BOUNDS],
    [seed, ...SEED_BOUNDS],
    [ratio, ...RATIO_BOUNDS],
  ] as const) {
    expect(bounds.low! / low).toBeCloseTo(1, 9);
    expect(bounds.high! / high).toBeCloseTo(1, 9);
  }
});

test("seeds that differ by no more than their labellings have no ratio, and its interval no end", () => {
  const alike = [
    [0.5, 0.6, 0.4],
    [0.51, 0.61, 0.41],
    [0.49, 0.52, 0.5],
  ];
  const { labelling, seed, ratio } = labellingVariance(alike);
  expect(labelling).toBeCloseTo(0.006744444444444444, 15);
  expect(seed).toBeCloseTo(-0.002222222222222222, 15);
  expect(ratio).toBeNull();
  const bounds = labellingVarianceBounds(alike);
  expect(bounds.ratio).toEqual({ low: null, high: null });
  expect(bounds.seed.high!).toBeLessThanOrEqual(0);
});
