import { expect, test } from "vitest";
import { Outcome, Summary, outcome, summarize } from "../../record/summary.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
import type { Controls, Run } from "../../record/run.ts";
import { aDivergedRun, aRun, withFinal } from "../world/runs.ts";

const micro = findProtocol("micro-1");
const finals = [1510, 1530, 1490, 1550, 1500];
const runs = finals.map((final, i) =>
  withFinal(aRun({ seed: i + 1 }), { tap: 2, n: 100 }, [final, final + 10]),
);

test("the headline is the mean over seeds with its t-interval", () => {
  const summary = summarize(runs, micro);
  expect(Summary.parse(summary)).toEqual(summary);
  // 2.7764... is t(0.975, 4)
  const accuracies = finals.map((final) => (final + 5) / 2500);
  const center = accuracies.reduce((a, b) => a + b) / 5;
  const sd = Math.sqrt(accuracies.reduce((sum, x) => sum + (x - center) ** 2, 0) / 4);
  const half = (2.7764451051977934 * sd) / Math.sqrt(5) / 0.99;
  expect(center).toBeCloseTo(0.6084, 12);
  expect(summary.learnedComplexity).toEqual({
    mean: expect.closeTo((0.6084 - 0.01) / 0.99, 12) as number,
    low: expect.closeTo((0.6084 - 0.01) / 0.99 - half, 10) as number,
    high: expect.closeTo((0.6084 - 0.01) / 0.99 + half, 10) as number,
    count: 5,
  });
  expect(summary).toMatchObject({ runs: 5, diverged: 0, divergence: null });
});

test("heads and controls keep their places", () => {
  const { heads, controls } = summarize(runs, micro);
  expect(heads).toHaveLength(13);
  expect(
    heads.find(({ tap, n, draw }) => tap === 2 && n === 100 && draw === 1)?.final?.mean,
  ).toBeCloseTo(finals.reduce((sum, final) => sum + (final + 10) / 2500, 0) / 5, 14);
  expect(controls?.frozen).toMatchObject([
    { tap: 1, n: 100, accuracy: { mean: 1510.25 / 2500, count: 5 } },
    { tap: 2, n: 2 },
    { tap: 2, n: 10 },
    { tap: 2, n: 100, accuracy: { mean: 1510.25 / 2500, count: 5 }, told: null },
    { tap: 2, n: 1000 },
  ]);
  expect(controls?.refit[3]).toMatchObject({ tap: 2, n: 100, told: { mean: 0.8 } });
  expect(controls?.null[3]).toMatchObject({ n: 100, width: 512, leverages: { mean: 0.45 } });
  expect(controls?.ridge[1]).toMatchObject({ l: 0.001, dimension: { mean: 200 } });
});

/** The run with another told count, or other redraws, at the last tap and the headline n. */
function withRefit(run: Run, changes: Partial<Controls["refit"][number]>): Run {
  const refit = run.controls!.refit.map((each, i) => (i === 3 ? { ...each, ...changes } : each));
  return { ...run, controls: { ...run.controls!, refit } };
}

test("the told labelling's p is exact over the runs: the highest of a hundred, five times", () => {
  // the sum of ranks is at its top, or as far out at its bottom: 2 / 100^5
  const redraws = Array.from({ length: 99 }, (_, k) => 1900 + k);
  const highest = runs.map((run) => withRefit(run, { told: 2500, redraws }));
  expect(summarize(highest, micro).selectivityP! / 2e-10).toBeCloseTo(1, 9);
  expect(summarize(highest.slice(0, 1), micro).selectivityP).toBeCloseTo(0.02, 12);
  const untold = [...highest.slice(1), withRefit(runs[0]!, { told: null })];
  expect(summarize(untold, micro).selectivityP).toBeNull();
  expect(summarize(untold, micro).selectivity).toBeNull();
});

test("an equivalent width that one run bounds is bounded, and by both ends says nothing", () => {
  const [plain, ...others] = runs.map((run) => withRefit(run, { redraws: [1500] }));
  const wide = withRefit(plain!, { redraws: [2500] });
  const none = withRefit(plain!, { redraws: [10] });
  const bound = (...some: Run[]) => summarize([...some, ...others], micro).equivalentWidthBound;
  expect([bound(plain!), bound(wide), bound(none), bound(wide, none)]).toEqual([
    ...[null, "at least", "at most", "unknown"],
  ]);
});

test("one seed has means and no intervals", () => {
  expect(summarize([aRun()], micro).testAccuracy).toEqual({
    mean: 0.45,
    low: null,
    high: null,
    count: 1,
  });
});

test.each([[[aDivergedRun({ seed: 6 }), ...runs]], [[...runs, aDivergedRun({ seed: 6 })]]])(
  "%#: one diverged run makes every mean over results null, and says so",
  (withDiverged) => {
    const summary = summarize(withDiverged, micro);
    expect(Summary.parse(summary)).toEqual(summary);
    expect(summary).toMatchObject({ runs: 6, diverged: 1, divergence: "1 of 6 diverged" });
    expect([
      summary.learnedComplexity,
      summary.testAccuracy,
      summary.gap,
      summary.controls,
    ]).toEqual([null, null, null, null]);
    expect(summary.heads).toHaveLength(13);
    expect(summary.heads.every(({ final, online }) => final === null && online === null)).toBe(
      true,
    );
    expect(summary.seconds?.count).toBe(6);
  },
);

test("no runs have no means", () => {
  const summary = summarize([], micro);
  expect(Summary.parse(summary)).toEqual(summary);
  expect(summary).toMatchObject({ runs: 0, learnedComplexity: null, heads: [], controls: null });
});

test("an outcome names protocol, architecture and regularizers beside runs and summary", () => {
  const document = outcome([runs[0]!, ...runs.slice(1)], micro);
  expect(Outcome.parse(document)).toEqual(document);
  expect(document).toMatchObject({
    protocol: "micro-1",
    protocolId: protocolId(micro),
    arch: "mlp-512",
    regs: "none",
    params: 1_841_162,
  });
  expect(document.runs.map(({ seed }) => seed)).toEqual([1, 2, 3, 4, 5]);
  expect(document.summary).toEqual(summarize(runs, micro));
});
