import { expect, test } from "vitest";
import method from "../../../record/method.json" with { type: "json" };
import { uniformNumber } from "../../../record/random.ts";
import { type ToldCount, selectivityP } from "../../../record/statistics/selectivity.ts";

/** By enumeration of every choice of one labelling a run, in Python's fractions. */
test.each([
  ...method.vectors.selectivityP,
  {
    about: "four runs, always the highest",
    runs: Array<ToldCount>(4).fill({ told: 20, redraws: [1, 2, 3, 4, 5, 6, 7, 8, 9] }),
    p: 1 / 5000,
  },
])("$about: p is the share of all choices that are as far from the middle", ({ runs, p }) => {
  expect(selectivityP(runs)).toBeCloseTo(p, 14);
});

test("without runs there is nothing to test", () => {
  expect(selectivityP([])).toBeNull();
});

/** Counts of runs in which the told labelling is like any other; coarse, so that some are equal. */
function nullRuns(entry: number, runs: number, redraws: number): ToldCount[] {
  return Array.from({ length: runs }, (_, run) => {
    const count = (k: number) => Math.floor(400 * uniformNumber(entry, run, k));
    return {
      told: count(redraws),
      redraws: Array.from({ length: redraws }, (_, k) => count(k)),
    };
  });
}

test("a labelling learned better and one learned worse by as much are as unlike the others", () => {
  for (let entry = 0; entry < 20; entry++) {
    const runs = nullRuns(entry, 3, 19);
    const mirrored = runs.map(({ told, redraws }) => ({
      told: 400 - told,
      redraws: redraws.map((count) => 400 - count),
    }));
    expect(selectivityP(mirrored)).toBeCloseTo(selectivityP(runs)!, 12);
  }
});

/** p takes whole steps, as a rank sum does, so p <= level is met a little less often than level says, never more. */
test("where nothing was learned of the told labels, p is uniform but for its steps", () => {
  const entries = 3000;
  const ps = Array.from({ length: entries }, (_, i) => selectivityP(nullRuns(i, 3, 19))!);
  for (const level of [0.05, 0.2, 0.5, 0.8]) {
    const share = ps.filter((p) => p <= level).length / entries;
    const noise = Math.sqrt((level * (1 - level)) / entries);
    expect(share - level).toBeLessThan(3 * noise);
    expect(share - level).toBeGreaterThan(-3 * noise - STEP);
  }
});

/** Of 8,000 choices of three ranks of 20, 300 have the commonest sum; p takes it with its opposite. */
const STEP = 600 / 8000;
