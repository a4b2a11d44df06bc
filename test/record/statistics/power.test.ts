import { expect, test } from "vitest";
import { noncentralityFound, tTestPower } from "../../../record/statistics/power.ts";

/** SciPy 1.17: nct.sf(c, df, d) + nct.cdf(-c, df, d). The first is a difference as large as what the test asks for. */
test.each([
  [2.7764451051977934, 4, 2.7764451051977934, 0.5568754491727167],
  [2.7764451051977934, 4, 0, 0.05],
  [2.7764451051977934, 4, 1, 0.1222491520733127],
  [8.6, 4, 12, 0.8902715811537765],
  [2.3646242515927844, 7, 3.5, 0.8496003192655291],
  [5.4, 7, 0.5, 0.001791174166616915],
  [2.1, 18, 8, 0.9999999872936437],
])("a test beyond %f at %i degrees of freedom and %f has SciPy's power", (c, df, d, power) => {
  expect(tTestPower(c, df, d)).toBeCloseTo(power, 10);
});

/** The root of the same function in SciPy, by bisection. */
test.each([
  [0.05, 4, 0.8, 3.7610595538],
  [0.05 / 96, 4, 0.8, 12.5961848108],
  [0.05, 7, 0.8, 3.2697598404],
  [0.05 / 10, 19, 0.9, 4.5735668723],
])(
  "at level %f and %i degrees of freedom, power %f takes SciPy's difference",
  (...[l, df, p, d]) => {
    expect(Math.abs(noncentralityFound(l, df, p) - d)).toBeLessThan(1e-5);
  },
);
