import { expect, test } from "vitest";
import type { MeasuresDocument } from "../../../record/answers/documents.ts";
import type { Comparison } from "../../../record/board/comparison.ts";
import { measureBarsChart, measureScatterChart } from "../../../site/charts/measure-scatters.ts";
import { pairedDifferencesChart } from "../../../site/charts/paired-differences.ts";
import {
  measureTitle,
  ordered,
  orderedSentence,
} from "../../../site/components/charts/measure-words.ts";
import { measures } from "../../../site/components/charts/measures.ts";
import { sentenceOf, testText } from "../../../site/components/compare/compare-section.ts";
import { tapTitles } from "../../../record/tap-names.ts";
import { harnessWords } from "../../../site/components/entry/entry-section.ts";
import type { Interval } from "../../../record/statistics/interval.ts";
import { type Bound, widthCell, intervalCell } from "../../../site/data/interval-cell.ts";
import { document, shown } from "../../charts/rows.ts";
import { about } from "./rows.ts";

test("a cell tells its interval, a single seed, and why there is no number", () => {
  expect(intervalCell(about(0.412), "Capacity", "%", null)).toEqual({
    text: "41.2 ± 1.0",
    help: "Capacity 41.2 %. 95 % t-interval over 8 seeds: 40.2 to 42.2 %.",
  });
  expect(intervalCell(about(0.4, null), "Gap", "points", null).help).toContain("single seed");
  const equal = { ...about(0.4, null), count: 8 };
  expect(intervalCell(equal, "Null", "%", null).help).toBe(
    "Null 40.0 %, the same over 8 seeds: no interval.",
  );
  expect(intervalCell(null, "Gap", "points", "2 of 8 diverged")).toEqual({
    text: "–",
    help: "2 of 8 diverged",
  });
});

test("a bound is said in the cell, a mean of bounds of both kinds is no number, and a missing one says why", () => {
  const cell = (bound: Bound, estimate: Interval | null = about(3.14, 0.5)) =>
    widthCell(estimate, bound, "Equivalent width", "features", "2 of 8 diverged");
  expect(cell(null).text).toBe("3.1 ± 0.5");
  expect(cell("at least").text).toBe("at least 3.1");
  expect(cell("at most").help).toMatch(/^Equivalent width 3\.1 features\..* An upper bound: /);
  expect(cell("unknown").text).toBe("unknown");
  expect(cell(null, null)).toEqual({ text: "–", help: "2 of 8 diverged" });
});

test("taps have the architecture's names, and numbers where those are not known", () => {
  expect(tapTitles("resnet-18", 5)).toEqual(["stem", "stage 1", "stage 2", "stage 3", "stage 4"]);
  expect(tapTitles("something-of-mine", 2)).toEqual(["tap 1", "tap 2"]);
});

test("the harness is named with its commit and whether files were changed", () => {
  const commit = "0f28024".padEnd(40, "0");
  const git = { commit, dirty: true };
  expect(harnessWords({ version: "0.2.0", git })).toBe(
    "0.2.0, commit 0f2802400000, with changed files (declared)",
  );
  expect(harnessWords({ version: "0.2.0", git: null })).toContain("no commit declared");
  expect(harnessWords(null)).toBeNull();
});

const canvas = { document, width: 360 };

const aComparison = (changes: Partial<Comparison> = {}): Comparison => ({
  quantity: "learnedComplexity",
  a: 0,
  b: 1,
  seeds: [1, 2, 3, 4, 5],
  difference: about(0.123),
  p: 0.0123,
  signFlipP: null,
  identical: false,
  criticalDifference: 0.01,
  detectableDifference: 0.0149,
  verdict: "a is higher",
  ...changes,
});

test("a comparison's sentence says the size only where the test allows it", () => {
  expect(sentenceOf(aComparison())).toBe(
    "The learned complexity of A is 12.3 points higher than that of B (p\u00a0=\u00a0.012).",
  );
  const indistinct = sentenceOf(aComparison({ verdict: "not distinguishable", p: 0.4 }));
  expect(indistinct).toContain("not distinguishable (p\u00a0=\u00a0.400)");
  expect(indistinct).toContain(
    "an observed difference had to exceed 1.0 points; a true one of 1.5 points would be found with power .8",
  );
  expect(indistinct).not.toContain("12.3");
  const same = sentenceOf(aComparison({ verdict: "not distinguishable", p: 1, identical: true }));
  expect(same).toBe(
    "The learned complexity of A and B is the same with every seed that both have run.",
  );
  const few = sentenceOf(aComparison({ verdict: "too few shared seeds", seeds: [1, 2] }));
  expect(few).toContain("share 2 seeds that have it, and it takes 5");
});

test("what p stands for names seeds and tests", () => {
  expect(testText([aComparison()])).toBe("p: paired t-test over the 5 seeds that both have run.");
  const three = [aComparison(), aComparison({ b: 2 }), aComparison({ a: 1, b: 2 })];
  expect(testText(three)).toContain("Holm-corrected over all 3 tests shown");
  const untested = aComparison({ b: 3, p: null, verdict: "too few shared seeds" });
  expect(testText([...three, untested])).toContain("all 3 tests");
  const eight = aComparison({ signFlipP: 0.01, seeds: [1, 2, 3, 4, 5, 6, 7, 8] });
  expect(testText([eight])).toContain("sign-flip p beside it is not corrected");
});

test("the forest plot always holds zero, and a pair without a shared seed has no dot", () => {
  const pairs = [
    { label: "A − B", difference: about(0.3), significant: true, verdict: "A is higher" },
    { label: "A − C", difference: null, significant: false, verdict: "too few shared seeds" },
  ];
  const chart = pairedDifferencesChart({ title: "capacity", pairs }, canvas).outerHTML;
  expect(chart).not.toMatch(/NaN|style=|<style/);
  expect(chart.match(/<title>/g)).toHaveLength(1);
  expect(chart).toContain(">0</text>");
});

const measure = (title: string, tau: number | null, low: number | null, high: number | null) => ({
  name: "params" as const,
  title,
  tau,
  coupled: false,
  couplingReason: "It is fixed before training.",
  low,
  high,
  partialTau: null as number | null,
  entries: 9,
  pairs: 36,
  architectures: 8,
  partialEntries: 9,
  points: [],
});

test("only measures whose interval stays clear of zero are named", () => {
  const rows = ordered([
    measure("lucky", -1, null, null),
    measure("unsure", 0.5, -0.1, 0.9),
    measure("sure", 0.4, 0.2, 0.6),
    measure("constant", null, null, null),
  ]);
  expect(rows.map(({ title }) => title)).toEqual(["unsure", "sure", "lucky", "constant"]);
  const said = orderedSentence(rows);
  expect(said).toContain("sure (the gap rises with it, tau 0.40)");
  expect(said).not.toMatch(/unsure|lucky/);
  expect(said).toMatch(/^Over 9 configurations of 8 architectures /);
  expect(said).toContain("not corrected for the 2 measures looked at");
  expect(said).not.toContain("chance");
  expect(orderedSentence([measure("x", 0.1, -1, 1)])).toContain("no measure orders");
  const none = orderedSentence([measure("x", 0.1, null, null)]);
  expect(none).toContain("no measure has an interval yet: it takes eight architectures");
});

test("a measure that is named carries what is left of it given the controls; the page says which are coupled, and why", () => {
  const coupled = { ...measure("loss", 0.4, 0.2, 0.6), coupled: true, partialTau: -0.1 };
  expect(orderedSentence([coupled])).toContain(
    "loss (the gap rises with it, tau 0.40, −0.10 given the last tap's width and the train loss)",
  );
  const reason = "It is read off the train accuracy itself.";
  const rows = [measure("free", 0.1, 0, 0.2), { ...coupled, couplingReason: reason }];
  const page = shown(
    measures({
      protocol: { id: "0".repeat(64), name: "micro-1" },
      entries: 9,
      configurations: 9,
      measures: rows,
    }),
  );
  const lists = [...page.querySelectorAll("[aria-labelledby=couplings] ul")];
  expect(lists.map((list) => list.textContent)).toEqual([
    "loss: it is read off the train accuracy itself.",
    "free: it is fixed before training.",
  ]);
  const cells = [...page.querySelectorAll("figure tbody tr")]
    .slice(0, 2)
    .map((row) => row.textContent);
  expect(cells[0]).toContain("−0.10");
  expect(cells.map((text) => text.slice(-3))).toEqual(["yes", "8no"]);
});

const among = (rows: MeasuresDocument["measures"]) => ({
  ...{ protocol: { id: "0".repeat(64), name: "micro-1" }, entries: 9, configurations: 9 },
  measures: rows,
});

test("fewer than five configurations have no bar, and the page names what has none", () => {
  const few = { ...measure("epochs", 1, null, null), entries: 4 };
  const page = shown(measures(among([few, measure("free", 0.1, null, null)])));
  expect(ordered([few, measure("free", 0.1, null, null)])[0]!.title).toBe("free");
  for (const chart of page.querySelectorAll("figure > .wide svg, figure > .narrow svg"))
    expect([chart.textContent.includes("free"), chart.textContent.includes("epochs")]).toEqual([
      true,
      false,
    ]);
  expect(page.textContent).toContain("Of fewer than 5 configurations, so without a bar: epochs.");
  expect(shown(measures(among([few]))).querySelector("figure > .wide")).toBeNull();
});

test("complexity is shown in percent, and whether it orders the gap within one architecture", () => {
  const point = (arch: string, i: number, gap: number) => {
    return { entry: `${arch}${i}`, arch, regs: "none", measure: i / 10, gap };
  };
  const points = [
    ...[1, 2, 3, 4, 5].map((i) => point("mlp-8", i, 1 - i / 10)),
    ...[1, 2, 3, 4].map((i) => point("cnn-2", i, i / 10)),
  ];
  const learned = {
    ...measure("learned", 0.4, null, null),
    name: "learnedComplexity" as const,
    points,
  };
  const page = shown(measures(among([learned])));
  expect(page.textContent).toContain(
    "tau of learned complexity and gap is: mlp-8 −1.00 (5 configurations).",
  );
  const [, scatters] = page.querySelectorAll("figure");
  expect(scatters!.querySelector("thead")?.textContent).toContain("learned (%)");
  expect(scatters!.querySelector("tbody tr")?.textContent).toBe("mlp-8 none90.010.0");
});

test("measures made of losses and spectra are called declared, those made of counts are not", () => {
  const free = { title: "x", coupled: false };
  expect(measureTitle({ ...free, name: "effectiveRank" })).toBe("x · declared");
  expect(measureTitle({ ...free, name: "capacity" })).toBe("x");
  expect(measureTitle({ ...free, name: "equivalentWidth" })).toBe("x");
  expect(measureTitle({ name: "trainLoss", title: "train loss", coupled: true })).toBe(
    "train loss · declared · coupled",
  );
});

test("bars and scatters are drawn without a coordinate that is no number", () => {
  const bars = measureBarsChart(
    [measure("a", 0.4, 0.2, 0.6), measure("b", null, null, null)],
    canvas,
  );
  const point = { arch: "mlp-512", regs: "none", measure: 1_841_162, gap: 0.5 };
  const scatter = measureScatterChart(
    { title: "parameters", isShare: false, points: [point, point] },
    canvas,
  );
  for (const chart of [bars, scatter]) {
    expect(chart.outerHTML).not.toMatch(/NaN|Infinity|undefined|<style|style=/);
    expect(chart.getAttribute("aria-label")).toMatch(/\w{4}/);
  }
});
