import { expect, test } from "vitest";
import { Outcome, Summary, outcome, summarize } from "../../record/summary.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
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
    { tap: 1, n: 100, accuracy: { mean: 0.604, count: 5 } },
    { tap: 2, n: 100, accuracy: { mean: 0.604, count: 5 } },
  ]);
  expect(controls?.null[1]?.ridgeAccuracy?.mean).toBeCloseTo(0.3, 15);
  expect(controls?.ridge).toMatchObject([{ l: 0.001, dimension: { mean: 200 } }]);
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
