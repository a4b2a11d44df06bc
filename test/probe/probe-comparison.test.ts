import { describe, expect, test } from "vitest";
import { compareTaps } from "../../harness/probe/probe-comparison.ts";
import { ProbeComparison, type TapDocument } from "../../harness/probe/probe-document.ts";
import { cloudOfWidth, nullAccuracy } from "../../record/statistics/null-accuracy.ts";

const [m, n] = [1000, 10];

/** A tap in which these samples were right, in one label space or several. */
function aTap(file: number, counts: number[], { width = 64, spaces = [n] } = {}) {
  return {
    file,
    width,
    refit: spaces.map((n) => ({ n, redraws: counts })) as TapDocument["refit"],
    null: spaces.map((n) => ({
      n,
      counts: nullAccuracy(m, n, cloudOfWidth(width, m)),
    })) as TapDocument["null"],
  };
}

const a = [500, 510, 495, 520, 505, 515, 490, 508];
const b = [490, 502, 489, 508, 500, 507, 478, 497];
const c = [503, 506, 498, 515, 509, 511, 494, 507];

describe("files are compared over the same labellings", () => {
  const found = compareTaps([aTap(0, a), aTap(1, b), aTap(2, c)], m);

  test("with SciPy's paired t-tests and Holm over all of them", () => {
    expect(found.map((each) => ProbeComparison.parse(each))).toEqual(found);
    expect(found.map(({ a, b, draws, verdict }) => [a, b, draws, verdict])).toEqual([
      [0, 1, 8, "a is higher"],
      [0, 2, 8, "not distinguishable"],
      [1, 2, 8, "a is lower"],
    ]);
    // SciPy 1.17: ttest_rel of (count/1000 - .1)/.9, p times 3, 1 and 2 (Holm); t.ppf(.975, 7) * sem
    const p = [8.839585335453943e-5, 1, 9.367555815349248e-4];
    const means = [0.01, 0, -0.01];
    const lows = [0.007517377891338601, -0.0036486944342237065, -0.013846061632708781];
    for (const [i, { p: own, difference }] of found.entries()) {
      expect(own).toBeCloseTo(p[i]!, 12);
      expect(difference!.mean).toBeCloseTo(means[i]!, 14);
      expect(difference!.low).toBeCloseTo(lows[i]!, 12);
    }
  });

  test("with what a difference had to exceed, and what would be found", () => {
    // SciPy: t.isf(.025, 7) * sem, the last of three tests, and the root of nct's power of .8
    expect(found[1]!.criticalDifference).toBeCloseTo(0.003648694434223714, 12);
    expect(found[1]!.detectableDifference).toBeCloseTo(0.0050453489694332505, 8);
  });

  test("in every label space, as one family", () => {
    const two = { spaces: [n, 2] };
    const both = compareTaps([aTap(0, a, two), aTap(1, b, two)], m);
    expect(both.map(({ n }) => n)).toEqual([10, 2]);
    // the same counts on another scale: the same p, twice
    for (const { p } of both) expect(p).toBeCloseTo(2 * 2.9465284451513142e-5, 12);
  });

  test("as far as both have them", () => {
    const [pair] = compareTaps([aTap(0, a), aTap(1, b.slice(0, 6))], m);
    expect(pair).toMatchObject({ draws: 6, difference: { count: 6 } });
    expect(pair!.difference!.mean).toBeCloseTo((10 + 8 + 6 + 12 + 5 + 8) / 6 / 900, 14);
  });

  test("but nothing is said of fewer than five", () => {
    const few = compareTaps([aTap(0, a.slice(0, 4)), aTap(1, b)], m)[0]!;
    expect(few).toMatchObject({ draws: 4, p: null, verdict: "too few draws" });
    expect(few.difference!.low).not.toBeNull();
    const one = compareTaps([aTap(0, [500]), aTap(1, [400])], m)[0]!;
    expect(one).toMatchObject({ draws: 1, verdict: "too few draws", difference: { low: null } });
  });
});

test("files that agree in every count get the interval that rounding leaves", () => {
  const [same] = compareTaps([aTap(0, a), aTap(1, a)], m);
  expect(same).toMatchObject({ identical: true, p: 1, verdict: "not distinguishable" });
  // SciPy: t.ppf(.975, 7) * sqrt(2 g^2 / 12 / 8), g = 10/9000
  expect(same!.difference!.high).toBeCloseTo(0.00037922679116372533, 12);
});

test("what width alone does to shapeless clouds stands beside the difference", () => {
  const [pair] = compareTaps([aTap(0, a, { width: 32 }), aTap(1, b, { width: 64 })], m);
  const [narrow, wide] = [32, 64].map((D) => nullAccuracy(m, n, cloudOfWidth(D, m)));
  expect(pair!.cloudDifference).toBeCloseTo((narrow! - wide!) / 0.9, 12);
  expect(pair!.cloudDifference).toBeLessThan(-0.05);
});

describe("files of several taps are compared", () => {
  const places = (taps: ReturnType<typeof aTap>[]) =>
    compareTaps(taps, m).map(({ a, b }) => [a, b]);

  test("tap by tap where all have as many", () => {
    expect(places([0, 0, 1, 1, 2, 2].map((file) => aTap(file, a)))).toEqual([
      ...[
        [0, 2],
        [0, 4],
        [2, 4],
      ],
      ...[
        [1, 3],
        [1, 5],
        [3, 5],
      ],
    ]);
  });

  test("by their last taps elsewhere", () => {
    expect(places([0, 0, 0, 1, 2, 2].map((file) => aTap(file, a)))).toEqual([
      [2, 3],
      [2, 5],
      [3, 5],
    ]);
  });
});
