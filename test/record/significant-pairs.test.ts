import { expect, test } from "vitest";
import {
  CRITICAL_T_ERROR,
  type Sample,
  criticalT,
  tQuantile,
  welchP,
} from "../../record/statistics/t-interval.ts";
import { seededRandom } from "../../record/board/measure-scores.ts";
import { significantPairs } from "../../record/statistics/rank-intervals.ts";

test("the table's t is Student's, well within the error it states", () => {
  for (let df = 1; df < 400; df *= 1.0037) {
    const exact = tQuantile(0.95, df);
    expect(Math.abs(criticalT(df) - exact) / exact).toBeLessThan(CRITICAL_T_ERROR / 2);
  }
});

/** Sums of twelve uniform numbers are nearly normal. */
function samplesOf(count: number, spread: number, error: (u: number) => number): Sample[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, () => {
    const normal = Array.from({ length: 12 }, random).reduce((sum, u) => sum + u, -6);
    const seeds = [2, 5, 8, 8, 8][Math.floor(5 * random())]!;
    return { mean: 0.4 + spread * normal, variance: seeds * error(random()) ** 2, count: seeds };
  });
}

test.each<[string, Sample[]]>([
  ["far apart", samplesOf(500, 0.2, (u) => 0.002 + 0.004 * u)],
  ["close together", samplesOf(500, 0.01, (u) => 0.002 + 0.004 * u)],
  ["of errors of every size", samplesOf(500, 0.05, (u) => 10 ** (-6 * u))],
  ["some without spread", samplesOf(300, 0.05, (u) => (u < 0.3 ? 0 : u / 50))],
  ["all without spread", samplesOf(50, 0.05, () => 0)],
  ["all equal and without spread", samplesOf(50, 0, () => 0)],
])("samples %s are counted as by testing every pair", (_, samples) => {
  const { lower, higher } = significantPairs(samples);
  for (const [i, sample] of samples.entries()) {
    const apart = samples.filter(
      (other) => other.mean !== sample.mean && welchP(sample, other) < 0.05,
    );
    expect(lower[i]).toBe(apart.filter(({ mean }) => mean < sample.mean).length);
    expect(higher[i]).toBe(apart.filter(({ mean }) => mean > sample.mean).length);
  }
});
