import { expect, test } from "vitest";
import { measureBarsChart, measureScatterChart } from "../../../site/charts/measure-scatters.ts";
import {
  measureTitle,
  ordered,
  orderedSentence,
} from "../../../site/components/charts/measures.ts";
import { document } from "../../charts/rows.ts";

const canvas = { document, width: 360 };

const measure = (title: string, tau: number | null, low: number | null, high: number | null) => ({
  name: "params" as const,
  title,
  tau,
  low,
  high,
  entries: 9,
  pairs: 36,
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
  expect(said).toMatch(/^Over 9 configurations/);
  expect(said).toContain("not corrected for the 2 measures looked at");
  expect(said).not.toContain("chance");
  expect(orderedSentence([measure("x", 0.1, -1, 1)])).toContain("no measure orders");
  expect(orderedSentence([measure("x", 0.1, null, null)])).toContain("no measure has an interval");
});

test("measures made of losses and spectra are called declared, those made of counts are not", () => {
  expect(measureTitle({ name: "effectiveRank", title: "effective rank" })).toBe(
    "effective rank · declared",
  );
  expect(measureTitle({ name: "trainLoss", title: "train loss" })).toContain("declared");
  expect(measureTitle({ name: "refitComplexity", title: "complexity of a refit" })).not.toContain(
    "declared",
  );
});

test("bars and scatters are drawn without a coordinate that is no number", () => {
  const bars = measureBarsChart(
    [measure("a", 0.4, 0.2, 0.6), measure("b", null, null, null)],
    canvas,
  );
  const point = { arch: "mlp-512", regs: "none", measure: 1_841_162, gap: 0.5 };
  const scatter = measureScatterChart(
    { title: "parameters", points: [point, point], architectures: ["mlp-512"] },
    canvas,
  );
  for (const chart of [bars, scatter]) {
    expect(chart.outerHTML).not.toMatch(/NaN|Infinity|undefined|<style|style=/);
    expect(chart.getAttribute("aria-label")).toMatch(/\w{4}/);
  }
});
