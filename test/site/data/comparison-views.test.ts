import { expect, test } from "vitest";
import type { Comparison } from "../../../record/board/comparison.ts";
import { pairedDifferencesChart } from "../../../site/charts/paired-differences.ts";
import { sentenceOf, testText } from "../../../site/components/compare/compare-section.ts";
import { document } from "../../charts/rows.ts";
import { about } from "./rows.ts";

const canvas = { document, width: 360 };

const aComparison = (changes: Partial<Comparison> = {}): Comparison => ({
  quantity: "complexity",
  a: 0,
  b: 1,
  seeds: [1, 2, 3, 4, 5],
  difference: about(0.123),
  p: 0.0123,
  signFlipP: null,
  smallestVisible: 0.01,
  verdict: "a is higher",
  ...changes,
});

test("a comparison's sentence says the size only where the test allows it", () => {
  expect(sentenceOf(aComparison())).toBe(
    "The complexity of A is 12.3 points higher than that of B (p = .012).",
  );
  const indistinct = sentenceOf(aComparison({ verdict: "not distinguishable", p: 0.4 }));
  expect(indistinct).toContain("not distinguishable (p = .400)");
  expect(indistinct).toContain("below 1.0 points could not have been shown");
  expect(indistinct).not.toContain("12.3");
  const few = sentenceOf(aComparison({ verdict: "too few shared seeds", seeds: [1, 2] }));
  expect(few).toContain("share 2 seeds, and it takes 5");
});

test("what p stands for names seeds and pairs", () => {
  expect(testText([aComparison()])).toBe("p: paired t-test over the 5 seeds that both have run.");
  const three = [aComparison(), aComparison({ b: 2 }), aComparison({ a: 1, b: 2 })];
  expect(testText(three)).toContain("Holm-corrected over the 3 pairs shown");
});

test("the forest plot always holds zero, and a pair without a shared seed has no dot", () => {
  const pairs = [
    { label: "A − B", difference: about(0.3), significant: true, verdict: "A is higher" },
    { label: "A − C", difference: null, significant: false, verdict: "too few shared seeds" },
  ];
  const chart = pairedDifferencesChart({ title: "complexity", pairs }, canvas).outerHTML;
  expect(chart).not.toMatch(/NaN|style=|<style/);
  expect(chart.match(/<title>/g)).toHaveLength(1);
  expect(chart).toContain(">0</text>");
});
