import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Comparison, compareOutcomes } from "../../../record/board/comparison.ts";
import { outcome } from "../../../record/summary.ts";
import { pointsText } from "../../../record/board/comparison-words.ts";
import { holm, holmLevels, signFlipTest } from "../../../record/statistics/t-interval.ts";
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
    const [learnedComplexity, capacity, gap] = compareOutcomes([a, b], micro);
    expect(Comparison.parse(learnedComplexity)).toEqual(learnedComplexity);
    expect(learnedComplexity).toMatchObject({
      quantity: "learnedComplexity",
      a: 0,
      b: 1,
      seeds: [1, 2, 3, 4, 5],
      identical: false,
      signFlipP: null,
      verdict: "a is higher",
    });
    // differences of 100, 90, 90, 110, 90 counts
    expect(learnedComplexity?.difference?.mean).toBeCloseTo(96 / 2500 / 0.99, 12);
    // SciPy 1.17 at level .05/5, the first of five quantities: t.isf(.005, 4) * sem / 2475, and nct's power of .8
    expect(learnedComplexity?.criticalDifference).toBeCloseTo(0.007440961408242413, 12);
    expect(learnedComplexity?.detectableDifference).toBeCloseTo(0.009500709562856983, 8);
    const alike = { verdict: "not distinguishable", p: 1, identical: true };
    expect(capacity).toMatchObject({ quantity: "capacity", ...alike });
    expect(gap).toMatchObject({ quantity: "gap", ...alike });
  });

  test("the other way round are told apart the other way round", () => {
    expect(compareOutcomes([b, a], micro)[0]?.verdict).toBe("a is lower");
  });

  test("are compared on seeds that completed in both", () => {
    const c = anOutcome([1400, 1430, 1400, 1440], "wd=0.005", [aDivergedRun({ seed: 5 })]);
    const [learnedComplexity] = compareOutcomes([a, c], micro);
    expect(learnedComplexity?.seeds).toEqual([1, 2, 3, 4]);
    expect(learnedComplexity).toMatchObject({ p: null, verdict: "too few shared seeds" });
    expect(learnedComplexity?.difference?.count).toBe(4);
  });

  test("without a shared seed have no difference", () => {
    const other = outcome([aRun({ seed: 99 })], micro);
    expect(compareOutcomes([a, other], micro)[0]).toMatchObject({
      seeds: [],
      difference: null,
      identical: false,
      criticalDifference: null,
      detectableDifference: null,
      verdict: "too few shared seeds",
    });
  });

  test("of different protocols are refused", () => {
    expect(() => compareOutcomes([a, { ...b, protocolId: "0".repeat(64) }], micro)).toThrow(
      RangeError,
    );
  });

  test("among many pairs need more to be told apart", () => {
    const near = anOutcome([1489, 1508, 1480, 1537, 1500], "dropout=0.1");
    const p = (outcomes: (typeof a)[]) =>
      compareOutcomes(outcomes, micro).find(
        (each) => each.quantity === "learnedComplexity" && each.b === 1,
      )!.p!;
    // 15 tests of three pairs against 5 of one; of two equal p the first is multiplied by all of them
    expect(p([a, near, near])).toBeCloseTo(3 * p([a, near]), 12);
  });

  test("in fewer quantities are corrected for those alone", () => {
    const [all] = compareOutcomes([a, b], micro);
    const { headline } = micro;
    const quantities = ["learnedComplexity", "gap"] as const;
    const [two, gap, ...rest] = compareOutcomes([a, b], { headline, quantities });
    expect([gap!.quantity, rest]).toEqual(["gap", []]);
    expect(two!.p).toBeCloseTo((all!.p! * 2) / 5, 15);
  });

  test("in chosen pairs are corrected for those alone", () => {
    const c = anOutcome([1490, 1500, 1491, 1535, 1500], "dropout=0.1");
    const pairs = [
      [1, 0],
      [2, 0],
    ] as const;
    const against = compareOutcomes([a, b, c], { headline: micro.headline, pairs }).slice(0, 2);
    expect(against.map(({ a, b }) => [a, b])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    const alone = compareOutcomes([a, c], micro)[0]!.p!;
    expect(against[1]!.p).toBeCloseTo(Math.min(1, (alone / 5) * 9), 12); // of ten tests the second
    expect(against[0]!.verdict).toBe("a is lower");
  });
});

describe("what an observed difference had to exceed", () => {
  test("of three pairs follows Holm's procedure, and so does what would be found with power .8", () => {
    const a = anOutcome([1500, 1520, 1490, 1550, 1510]);
    const b = anOutcome([1400, 1430, 1400, 1440, 1420], "wd=0.005");
    const c = anOutcome([1510, 1440, 1450, 1470, 1490], "dropout=0.1");
    const three = compareOutcomes([a, b, c], micro).slice(0, 3);
    // SciPy 1.17: t.isf(level / 2, 4) * sem(differences) / 2475, and the root of nct's power of .8, at levels .05/15,
    // .05/14 and .05/14: fifteen tests, of which the second smallest p (b - c's) stops the procedure
    const critical = [0.010107588717441494, 0.043240558338482164, 0.04266781042347477];
    const detectable = [0.012669283302502485, 0.0542466722898487, 0.053528141594502664];
    for (const [i, each] of three.entries()) {
      expect(each.criticalDifference).toBeCloseTo(critical[i]!, 12);
      expect(each.detectableDifference).toBeCloseTo(detectable[i]!, 7);
    }
    expect(three.map(({ verdict }) => verdict)).toEqual([
      "a is higher",
      "not distinguishable",
      "not distinguishable", // its own p is .035
    ]);
    // SciPy's ttest_rel times 15, 13 and 14
    const p = [0.00026815607276011296, 0.9573883636749576, 0.488486052909932];
    for (const [i, each] of three.entries()) expect(each.p).toBeCloseTo(p[i]!, 12);
  });

  test("is never below a difference that was not told apart, nor above one that was", () => {
    const finals = fc.array(fc.integer({ min: 1400, max: 1440 }), { minLength: 5, maxLength: 8 });
    const shift = fc.constantFrom(0, 10, 25, 60);
    const entry = fc.tuple(finals, shift).map(([counts, by]) => counts.map((count) => count + by));
    const eight = anOutcome([1, 2, 3, 4, 5, 6, 7, 8]);
    const having = (counts: number[]) => ({
      ...eight,
      runs: counts.map((count, i) => ({ ...eight.runs[i]!, learnedComplexity: count / 2475 })),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 2, maxLength: 5 }), (entries) => {
        for (const each of compareOutcomes(entries.map(having), micro)) {
          const isDistinct = each.verdict !== "not distinguishable";
          expect(Math.abs(each.difference!.mean) > each.criticalDifference!).toBe(isDistinct);
          expect(each.detectableDifference).toBeGreaterThan(each.criticalDifference!);
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

describe("seeds whose difference does not vary", () => {
  const seeds = [1, 2, 3, 4, 5];
  const tested = (correct: number, regs: string) =>
    outcome(
      seeds.map((seed) => {
        const run = aRun({ seed, regs });
        return { ...run, final: { ...run.final!, testCorrect: correct } };
      }) as [Run, ...Run[]],
      micro,
    );
  const { headline } = micro;
  const quantities = ["testAccuracy"] as const;

  test("are given the spread of rounding: no interval has width zero, no limit is zero", () => {
    const saturated = [tested(4500, "none"), tested(4500, "aug")];
    const [same] = compareOutcomes(saturated, { headline, quantities });
    expect(same).toMatchObject({ identical: true, p: 1, verdict: "not distinguishable" });
    // SciPy: t.isf(.025, 4) * sqrt(2 / 12 / 5) / 10000, two values rounded to a ten-thousandth
    expect(same!.criticalDifference).toBeCloseTo(5.069072045972119e-5, 12);
    expect(same!.difference!.high).toBeCloseTo(5.069072045972119e-5, 12);
    expect(same!.detectableDifference).toBeGreaterThan(same!.criticalDifference!);
  });

  test("have a p that is not zero", () => {
    const apart = [tested(4503, "none"), tested(4500, "aug")];
    const [three] = compareOutcomes(apart, { headline, quantities });
    expect(three!.p).toBeCloseTo(8.031114065562412e-5, 12);
    expect(three!.difference!.low).toBeCloseTo(0.0002493092795402788, 12);
  });

  test("have the steps of what was counted: n/(n-1) counts for complexity, both accuracies' for the gap", () => {
    const all = compareOutcomes([tested(4500, "none"), tested(4500, "aug")], micro);
    const half = Object.fromEntries(
      all.map(({ quantity, difference }) => [quantity, difference!.high]),
    );
    // SciPy as above, m = 2500, n = 100
    expect(half["learnedComplexity"]).toBeCloseTo(0.00020481099175644928, 12);
    expect(half["capacity"]).toBeCloseTo(0.00020481099175644928, 12);
    expect(half["trainAccuracy"]).toBeCloseTo(0.00020276288183888476, 12);
    expect(half["gap"]).toBeCloseTo(0.00020900319469408868, 12);
  });
});

test("a difference in points has a tenth, or two digits below one; only zero is 0.0", () => {
  expect([0.213, 0.0213, 0.0099, 0.00016, 0, -0.0004].map(pointsText)).toEqual([
    ...["21.3", "2.1", "0.99", "0.016", "0.0", "-0.040"],
  ]);
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
