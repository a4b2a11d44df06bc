import { describe, expect, test } from "vitest";
import { depthChart, depthFigure } from "../../site/charts/complexity-by-depth.ts";
import { complexityGapChart, complexityGapFigure } from "../../site/charts/complexity-gap.ts";
import { headCurvesChart, headCurvesFigure } from "../../site/charts/head-curves.ts";
import { measureScattersFigure } from "../../site/charts/measure-scatters.ts";
import { PLUS_MINUS_HELP } from "../../site/charts/element.ts";
import { learningCurvesChart, learningCurvesFigure } from "../../site/charts/learning-curves.ts";
import {
  regularizerArrowsChart,
  regularizerArrowsFigure,
} from "../../site/charts/regularizer-arrows.ts";
import { aCurvesRow, aDepthRow, aHeadsRow, aMapRow, about, anArrowsRow, document } from "./rows.ts";

const canvas = { document, width: 800 };
const mapRows = [aMapRow(), aMapRow({ regs: "aug", arch: "cnn-8", complexity: about(0.1) })];
const arrows = anArrowsRow();

const charts = {
  "complexity and gap": complexityGapChart(mapRows, canvas),
  "learning curves": learningCurvesChart(aCurvesRow(), canvas),
  "by depth": depthChart(aDepthRow(), canvas),
  heads: headCurvesChart(aHeadsRow(), 2, canvas),
  arrows: regularizerArrowsChart(arrows, canvas),
};

/** Marks of one kind: the paths inside groups that have a stroke or fill of data. */
const paths = (chart: Element, selector: string) => chart.querySelectorAll(selector).length;
const texts = (chart: Element) => Array.from(chart.querySelectorAll("text"), (t) => t.textContent);

describe.each(Object.entries(charts))("the chart of %s", (_, chart) => {
  test("is a picture without a coordinate that is no number", () => {
    expect(chart.localName).toBe("svg");
    expect(chart.getAttribute("viewBox")).toMatch(/^0 0 800 \d+$/);
    expect(chart.outerHTML).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("has a name, says what it shows, and needs no style that a strict policy forbids", () => {
    expect(chart.getAttribute("role")).toBe("img");
    expect(chart.getAttribute("aria-label")).toMatch(/\w{4}/);
    expect(chart.querySelector("desc")?.textContent).toMatch(/\d/);
    expect(chart.outerHTML).not.toMatch(/<style|style=/);
  });
});

test("the map has a point, two bars and a name for each configuration", () => {
  const chart = charts["complexity and gap"];
  expect(paths(chart, "path[fill^='var(--family']")).toBe(2);
  expect(paths(chart, "line[stroke^='var(--family']")).toBe(4);
  expect(texts(chart)).toEqual(expect.arrayContaining(["mlp-256 none", "cnn-8 aug"]));
});

test("the map leaves out what has no mean, and stands empty without complaint", () => {
  const void_ = aMapRow({ complexity: null, gap: null, regs: "rl=1000" });
  expect(paths(complexityGapChart([...mapRows, void_], canvas), "path[fill^='var(--f']")).toBe(2);
  const empty = complexityGapChart([void_], canvas).outerHTML;
  expect(empty).not.toMatch(/NaN|Infinity/);
});

test("one configuration of one seed is a point without bars", () => {
  const single = { complexity: about(0.4, null), gap: about(0.6, null) };
  const chart = complexityGapChart([aMapRow(single)], canvas);
  expect(chart.outerHTML).not.toMatch(/NaN|Infinity/);
  expect(paths(chart, "path[fill^='var(--family']")).toBe(1);
  expect(paths(chart, "line[stroke^='var(--family']")).toBe(0);
});

test("a point that leads somewhere is a link with the numbers as its name", () => {
  const chart = complexityGapChart([aMapRow({ href: "#row" })], canvas);
  expect(chart.getAttribute("role")).toBe("group");
  const link = chart.querySelector("a");
  expect(link?.getAttribute("href")).toBe("#row");
  expect(link?.firstElementChild?.getAttribute("aria-label")).toContain("complexity 44.0 ± 2.0 %");
});

test("learning curves have a line for each curve, bands for solid ones, and one test mark", () => {
  const chart = charts["learning curves"];
  expect(paths(chart, "g[fill='none'][stroke^='var('] > path[d^='M']")).toBe(4);
  expect(paths(chart, "g[fill-opacity] path")).toBe(3);
  expect(texts(chart)).toEqual(
    expect.arrayContaining(["train", "test", "n = 2", "n = 100", "suppressed"]),
  );
});

test("learning curves over the runs that were left have no band, and say how many were left out", () => {
  const alone = [0.1, 0.9].map((mean) => ({ ...about(mean, null), count: 4 }));
  const survivors = { completed: 4, diverged: 1, train: alone, labels: [], test: null };
  const figure = learningCurvesFigure([aCurvesRow(survivors)], document);
  expect(figure.querySelectorAll("g[fill-opacity] path")).toHaveLength(0);
  expect(figure.querySelector(".panel .note")?.textContent).toBe(
    "4 of 5 completed runs; 1 diverged left out",
  );
  expect(figure.querySelector("figcaption")?.textContent).toContain("have no band");
  expect(figure.querySelector("svg")?.getAttribute("aria-label")).toContain("1 diverged left out");
  expect(figure.textContent).not.toContain("±");
  const whole = learningCurvesFigure([aCurvesRow()], document);
  expect(whole.textContent).not.toContain("diverged");
});

test("heads have a line each, a name for each label space, and a legend of draws and spaces", () => {
  expect(paths(charts.heads, "g[fill='none'][stroke^='var('] > path[d^='M']")).toBe(2);
  expect(texts(charts.heads)).toEqual(expect.arrayContaining(["n = 100", "suppressed"]));
  const figure = headCurvesFigure(aHeadsRow(), document);
  expect(Array.from(figure.querySelectorAll(".legend li"), (li) => li.textContent)).toEqual([
    ...["n = 2", "n = 100, the headline's", "draw 0", "draw 1", "the draw that rl= suppresses"],
  ]);
  expect(figure.querySelectorAll(".panel")).toHaveLength(2);
  expect(figure.querySelectorAll("tbody tr")).toHaveLength(5);
});

test("learning curves that ended early, and a single epoch, are drawn as far as they go", () => {
  const short = learningCurvesChart(
    aCurvesRow({ train: [about(0.2)], labels: [], test: null }),
    canvas,
  );
  expect(short.outerHTML).not.toMatch(/NaN|Infinity/);
  expect(texts(short)).not.toContain("test");
});

test("the depth chart has the frozen trunk and the null beside every configuration", () => {
  const chart = charts["by depth"];
  expect(texts(chart)).toEqual(expect.arrayContaining(["none", "frozen", "null", "stage 3"]));
  expect(paths(chart, "circle")).toBe(9);
});

test("a tap without a measurement is a gap in the depth chart, not a zero", () => {
  const chart = depthChart(aDepthRow({ frozen: [null, null, about(0.3)] }), canvas);
  expect(paths(chart, "circle")).toBe(7);
  expect(chart.outerHTML).not.toMatch(/NaN/);
});

test("there is an arrow to each regularizer", () => {
  expect(paths(charts.arrows, "g[stroke-width='2'] > path[stroke^='var(--family']")).toBe(2);
  expect(texts(charts.arrows)).toEqual(expect.arrayContaining(["none", "dropout=0.5", "aug"]));
});

const point = { entry: "e", arch: "mlp-256", regs: "none", measure: 1_841_162, gap: 0.61 };
const scatters = [
  { title: "parameters", points: [point, { ...point, entry: "f", measure: -0.5 }] },
  { title: "train loss", points: [{ ...point, measure: 0.01234567 }] },
];

test("the table behind the scatters has a line an entry, and a dash where it lacks the measure", () => {
  const figure = measureScattersFigure(scatters, document);
  const lines = Array.from(figure.querySelectorAll("tbody tr"), (line) =>
    Array.from(line.children, ({ textContent }) => textContent),
  );
  expect(lines).toEqual([
    ["mlp-256 none", "61.0", "1841000", "0.01235"],
    ["mlp-256 none", "61.0", "−0.5", "–"],
  ]);
});

test("a table with a ± says below it what it stands for, and one without does not", () => {
  const said = (figure: Element) => figure.textContent?.includes(PLUS_MINUS_HELP);
  expect(said(depthFigure([aDepthRow()], document))).toBe(true);
  expect(said(learningCurvesFigure([aCurvesRow()], document))).toBe(true);
  expect(said(measureScattersFigure(scatters, document))).toBe(false);
});

test("every figure says what to see and has the numbers behind it", () => {
  const figures = [
    complexityGapFigure(mapRows, document),
    learningCurvesFigure([aCurvesRow()], document),
    depthFigure([aDepthRow()], document),
    regularizerArrowsFigure([arrows], document),
    headCurvesFigure(aHeadsRow(), document),
    measureScattersFigure(scatters, document),
  ];
  for (const figure of figures) {
    expect(figure.querySelector("figcaption")?.textContent?.length).toBeGreaterThan(100);
    expect(figure.querySelectorAll("details tbody tr").length).toBeGreaterThan(0);
    expect(figure.outerHTML).not.toMatch(/NaN|Infinity|undefined|<style|style=/);
  }
});

test("a hostile name stays text", () => {
  const evil = '<img src=x onerror="alert(1)">';
  const figure = complexityGapFigure([aMapRow({ arch: evil })], document);
  expect(figure.querySelector("img")).toBeNull();
  expect(figure.textContent).toContain(evil);
});
