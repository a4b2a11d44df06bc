import { expect, test } from "vitest";
import { testFamily } from "../../../record/replication/family-test.ts";

const contrast = (values: number[], margin: number, least = 0) => ({ values, margin, least });

/** A member each that holds, is undecided, is undecided after Holm alone, rests on its floor, cannot be tested, fails. */
const FAMILY = [
  contrast([0.051, 0.047, 0.062, 0.055, 0.049], 0.02),
  contrast([-0.01, 0.004, 0.012, -0.02, 0.001], 0.005),
  contrast([0.021, 0.024, 0.019, 0.026, 0.022, 0.025, 0.018, 0.023, 0.027, 0.02], 0.02),
  contrast([0.3, 0.3, 0.3, 0.3, 0.3], 0.02, 1e-6),
  null,
  contrast([-0.11, -0.13, -0.12, -0.1, -0.14], 0.02),
];

// SciPy: scipy.stats.t.sf and .ppf; Holm's steps by hand over all six, the one that cannot be tested with p = 1
const EXPECTED = [
  [0.0528, 0.0009843483017319, 0.05 / 4, 0.04135192382912428, 0.06424807617087572, "holds"],
  [
    ...[-0.0026, 0.4925280698963, 0.05 / 3, -0.02478040430351303, 0.019580404303513026],
    "inconclusive",
  ],
  [
    ...[0.0225, 0.08465041127918, 0.05 / 3, 0.019691556001956094, 0.025308443998043904],
    "inconclusive",
  ],
  [0.3, 2.342734001673e-10, 0.05 / 6, 0.29783056307236155, 0.3021694369276384, "holds"],
  null,
  [-0.12, 0.0001919548254994, 0.05 / 5, -0.15255586704757784, -0.08744413295242215, "fails"],
] as const;

test("means against margins, Holm over the family, intervals at Holm's level: as SciPy", () => {
  for (const [i, outcome] of testFamily(FAMILY, 0.05).entries()) {
    const expected = EXPECTED[i]!;
    if (expected === null) {
      expect(outcome).toBeNull();
      continue;
    }
    const [mean, p, level, low, high, verdict] = expected;
    expect(outcome!.verdict).toBe(verdict);
    expect(outcome!.p / p).toBeCloseTo(1, 9);
    for (const [name, value] of Object.entries({ mean, level, low, high }))
      expect([name, outcome![name as "low"]]).toEqual([name, expect.closeTo(value, 12)]);
  }
});

test("a member that cannot be tested still counts: without it the third would be found", () => {
  const [, , third] = testFamily([...FAMILY.slice(0, 1), null, FAMILY[2]!], 0.05);
  const [, alone] = testFamily([FAMILY[0]!, FAMILY[2]!], 0.05);
  expect([third!.verdict, alone!.verdict]).toEqual(["inconclusive", "holds"]);
});

test("an interval at Holm's level leaves the margin out exactly where there is a verdict", () => {
  for (const [i, outcome] of testFamily(FAMILY, 0.05).entries()) {
    if (outcome === null) continue;
    const { margin } = FAMILY[i]!;
    const side =
      outcome.low! > margin ? "holds" : outcome.high! < margin ? "fails" : "inconclusive";
    expect(side).toBe(outcome.verdict);
  }
});

test("values that agree and have no step are no certainty: no interval, no verdict", () => {
  const [outcome] = testFamily([contrast([1, 1, 1, 1, 1], 0)], 0.05);
  expect(outcome).toEqual({
    ...{ mean: 1, p: 1, level: 0.05, low: null, high: null, verdict: "inconclusive" },
  });
});

test("an effect that is there but ends below the margin fails", () => {
  const [outcome] = testFamily([contrast([0.0098, 0.0101, 0.0102, 0.0095, 0.0104], 0.02)], 0.05);
  expect(outcome!.verdict).toBe("fails");
  expect(outcome!.low!).toBeGreaterThan(0);
});
