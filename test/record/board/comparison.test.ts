import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Comparison, compareOutcomes } from "../../../record/board/comparison.ts";
import { outcome } from "../../../record/summary.ts";
import {
  holm,
  holmLevels,
  pairedTTest,
  signFlipTest,
} from "../../../record/statistics/t-interval.ts";
import { findProtocol } from "../../../record/protocols.ts";
import type { Run } from "../../../record/run.ts";
import { aDivergedRun, aRun, withFinal } from "../../world/runs.ts";

const micro = findProtocol("micro-1");

/** One outcome whose seeds 1, 2, ... have these final counts at both headline draws. */
function anOutcome(finals: number[], regs = "none", extra: Run[] = []) {
  const runs = finals.map((final, i) =>
    withFinal(aRun({ seed: i + 1, regs }), { tap: 2, n: 100 }, [final, final]),
  );
  return outcome([runs[0]!, ...runs.slice(1), ...extra], micro);
}

describe("two configurations over shared seeds", () => {
  const a = anOutcome([1500, 1520, 1490, 1550, 1510]);
  const b = anOutcome([1400, 1430, 1400, 1440, 1420], "wd=0.005");

  test("are told apart by the paired difference", () => {
    const [learnedComplexity, gap] = compareOutcomes([a, b]);
    expect(Comparison.parse(learnedComplexity)).toEqual(learnedComplexity);
    expect(learnedComplexity).toMatchObject({
      quantity: "learnedComplexity",
      a: 0,
      b: 1,
      seeds: [1, 2, 3, 4, 5],
      signFlipP: null,
      verdict: "a is higher",
    });
    // differences of 100, 90, 90, 110, 90 counts
    expect(learnedComplexity?.difference?.mean).toBeCloseTo(96 / 2500 / 0.99, 12);
    expect(learnedComplexity?.smallestVisible).toBeCloseTo(
      (2.7764451051977934 * Math.sqrt(80 / 5)) / 2500 / 0.99,
      10,
    );
    expect(gap).toMatchObject({ quantity: "gap", verdict: "not distinguishable", p: 1 });
  });

  test("the other way round are told apart the other way round", () => {
    expect(compareOutcomes([b, a])[0]?.verdict).toBe("a is lower");
  });

  test("are compared on seeds that completed in both", () => {
    const c = anOutcome([1400, 1430, 1400, 1440], "wd=0.005", [aDivergedRun({ seed: 5 })]);
    const [learnedComplexity] = compareOutcomes([a, c]);
    expect(learnedComplexity?.seeds).toEqual([1, 2, 3, 4]);
    expect(learnedComplexity).toMatchObject({ p: null, verdict: "too few shared seeds" });
    expect(learnedComplexity?.difference?.count).toBe(4);
  });

  test("without a shared seed have no difference", () => {
    const other = outcome([aRun({ seed: 99 })], micro);
    expect(compareOutcomes([a, other])[0]).toMatchObject({
      seeds: [],
      difference: null,
      smallestVisible: null,
      verdict: "too few shared seeds",
    });
  });

  test("of different protocols are refused", () => {
    expect(() => compareOutcomes([a, { ...b, protocolId: "0".repeat(64) }])).toThrow(RangeError);
  });

  test("among many pairs need more to be told apart", () => {
    const near = anOutcome([1490, 1500, 1491, 1535, 1500], "dropout=0.1");
    const p = (outcomes: (typeof a)[]) =>
      compareOutcomes(outcomes).find(
        (each) => each.quantity === "learnedComplexity" && each.b === 1,
      )!.p!;
    expect(p([a, near, near])).toBeCloseTo(3 * p([a, near]), 12);
  });

  test("in chosen pairs are corrected for those alone", () => {
    const c = anOutcome([1490, 1500, 1491, 1535, 1500], "dropout=0.1");
    const against = compareOutcomes(
      [a, b, c],
      [
        [1, 0],
        [2, 0],
      ],
    ).slice(0, 2);
    expect(against.map(({ a, b }) => [a, b])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    const alone = compareOutcomes([a, c])[0]!.p!;
    expect(against[1]!.p).toBeCloseTo(Math.min(1, alone), 12);
    expect(against[0]!.verdict).toBe("a is lower");
  });
});

describe("the smallest visible difference", () => {
  test("of three pairs follows Holm's procedure", () => {
    const a = anOutcome([1500, 1520, 1490, 1550, 1510]);
    const b = anOutcome([1400, 1430, 1400, 1440, 1420], "wd=0.005");
    const c = anOutcome([1510, 1440, 1450, 1470, 1490], "dropout=0.1");
    const [ab, ac, bc] = compareOutcomes([a, b, c]).slice(0, 3);
    // SciPy 1.17: t.isf(level / 2, 4) * sem(differences) / 2475, levels .05/3, .05/2 and .05/2, as b - c stops it
    expect(ab!.smallestVisible).toBeCloseTo(0.006401271083264936, 12);
    expect(ac!.smallestVisible).toBeCloseTo(0.024624034305441134, 12);
    expect(bc!.smallestVisible).toBeCloseTo(0.02429787375503583, 12);
    expect([ab, ac, bc].map((each) => each!.verdict)).toEqual([
      "a is higher",
      "not distinguishable",
      "not distinguishable", // its own p is .035
    ]);
    expect(bc!.p).toBeCloseTo(0.069783721844276, 12);
  });

  test("is never below a difference that was not told apart, nor above one that was", () => {
    const finals = fc.array(fc.integer({ min: 1400, max: 1440 }), { minLength: 5, maxLength: 8 });
    const shift = fc.constantFrom(0, 10, 25, 60);
    const entry = fc.tuple(finals, shift).map(([counts, by]) => counts.map((count) => count + by));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 2, maxLength: 5 }), (entries) => {
        for (const each of compareOutcomes(entries.map((counts) => anOutcome(counts)))) {
          const isDistinct = each.verdict !== "not distinguishable";
          expect(Math.abs(each.difference!.mean) > each.smallestVisible!).toBe(isDistinct);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("Holm's levels: the procedure stops at the first value it does not reject", () => {
  expect(holmLevels([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([
    0.05 / 3,
    0.05 / 2,
    0.05 / 2,
    0.05 / 4,
  ]);
  expect(holmLevels([0.001, 0.002], 0.05)).toEqual([0.05 / 2, 0.05]);
  expect(holmLevels([0.9, 0.8], 0.05)).toEqual([0.05 / 2, 0.05 / 2]);
  expect(holmLevels([], 0.05)).toEqual([]);
});

test("the paired t-test agrees with SciPy's ttest_rel", () => {
  const a = [0.41, 0.43, 0.4, 0.46, 0.42];
  const b = [0.39, 0.42, 0.4, 0.41, 0.4];
  expect(pairedTTest(a.map((x, i) => x - b[i]!))).toBeCloseTo(0.07513045462522994, 12);
  expect(pairedTTest([0, 0, 0])).toBe(1);
  expect(pairedTTest([1, 1, 1])).toBe(0);
  expect(pairedTTest([1])).toBeNull();
});

describe("the sign-flip test", () => {
  const eight = [0.02, 0.01, -0.005, 0.05, 0.02, 0.013, 0.007, -0.001];

  test("agrees with SciPy's exact permutation_test", () => {
    expect(signFlipTest(eight)).toBe(8 / 256);
    expect(signFlipTest([1, 1, 1, 1, 1, 1, 1, 1])).toBe(2 / 256);
  });

  test("is not made with fewer than eight pairs", () => {
    expect(signFlipTest(eight.slice(1))).toBeNull();
  });
});

test("Holm's correction steps down and never decreases", () => {
  // by hand: .005 x 4, .01 x 3, .03 x 2, and .04 x 1 raised to the one before
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
