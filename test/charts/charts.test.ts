import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { depthChart, depthFigure } from "../../site/charts/complexity-by-depth.ts";
import {
  complexityGapChart,
  complexityGapFigure,
  mapLegend,
} from "../../site/charts/complexity-gap.ts";
import { ARCHITECTURES } from "../../record/architecture.ts";
import { drawn } from "../../site/charts/drawn.ts";
import { FAMILIES, architectureShape, regularizerFamily } from "../../site/charts/families.ts";
import { headCurvesChart, headCurvesFigure } from "../../site/charts/head-curves.ts";
import { ladderChart, ladderFigure, laddersFigure } from "../../site/charts/ladder.ts";
import { learningCurvesChart, learningCurvesFigure } from "../../site/charts/learning-curves.ts";
import { MOST_COMPARED } from "../../record/most-compared.ts";
import { OVERLAY_COLORS } from "../../site/charts/overlays.ts";
import { measureScattersFigure } from "../../site/charts/measure-scatters.ts";
import {
  leaderOf,
  nodeText,
  paddedDomain,
  picture,
  placeLabels,
  spread,
} from "../../site/charts/plot.ts";
import { percent, percentInterval } from "../../site/charts/numbers.ts";
import {
  regularizerArrowsChart,
  regularizerArrowsFigure,
} from "../../site/charts/regularizer-arrows.ts";
import { h } from "../../site/markup/element.ts";
import { PLUS_MINUS_HELP } from "../../site/markup/table.ts";
import {
  aCurvesRow,
  aDepthRow,
  aHeadsRow,
  aLadderRow,
  aMapRow,
  about,
  anArrowsRow,
  document,
  shown,
} from "./rows.ts";

const canvas = { document, width: 800 };
const mapRows = [aMapRow(), aMapRow({ regs: "aug", arch: "cnn-8", learnedComplexity: about(0.1) })];
const arrows = anArrowsRow();

const charts = {
  "complexity and gap": complexityGapChart(mapRows, canvas),
  "learning curves": learningCurvesChart(aCurvesRow(), canvas),
  "by depth": depthChart(aDepthRow(), canvas),
  heads: headCurvesChart(aHeadsRow(), 2, canvas),
  arrows: regularizerArrowsChart(arrows, canvas),
  ladder: ladderChart(aLadderRow(), canvas),
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
  const void_ = aMapRow({ learnedComplexity: null, gap: null, regs: "rl=1000" });
  expect(paths(complexityGapChart([...mapRows, void_], canvas), "path[fill^='var(--f']")).toBe(2);
  const empty = complexityGapChart([void_], canvas).outerHTML;
  expect(empty).not.toMatch(/NaN|Infinity/);
});

test("one configuration of one seed is a point without bars", () => {
  const single = { learnedComplexity: about(0.4, null), gap: about(0.6, null) };
  const chart = complexityGapChart([aMapRow(single)], canvas);
  expect(chart.outerHTML).not.toMatch(/NaN|Infinity/);
  expect(paths(chart, "path[fill^='var(--family']")).toBe(1);
  expect(paths(chart, "line[stroke^='var(--family']")).toBe(0);
});

test("the network without a regularizer keeps its name in a crowd, wherever it stands in it", () => {
  const crowd = Array.from({ length: 60 }, (_, i) => aMapRow({ regs: `wd=0.${100 + i}` }));
  const names = texts(complexityGapChart([...crowd, aMapRow({ regs: "none" })], canvas));
  expect(names).toContain("none");
  expect(names).not.toContain("wd=0.159"); // there is not room for all
});

test("a point that leads somewhere is a link with the numbers as its name", () => {
  const chart = complexityGapChart([aMapRow({ href: "#row" })], canvas);
  expect(chart.getAttribute("role")).toBe("group");
  const link = chart.querySelector("a");
  expect(link?.getAttribute("href")).toBe("#row");
  expect(link?.firstElementChild?.getAttribute("aria-label")).toContain(
    "learned complexity 44.0 ± 2.0 %",
  );
});

test("learning curves have a line for each curve, bands for solid ones, and one test mark", () => {
  const chart = charts["learning curves"];
  expect(paths(chart, "g[fill='none'][stroke^='var('] > path[d^='M']")).toBe(5);
  expect(paths(chart, "g[fill-opacity] path")).toBe(3);
  expect(texts(chart)).toEqual(
    expect.arrayContaining(["train", "test", "n = 2", "n = 100", "suppressed", "frozen trunk"]),
  );
});

test("learning curves over the runs that were left have no band, and say how many were left out", () => {
  const alone = [0.1, 0.9].map((mean) => ({ ...about(mean, null), count: 4 }));
  const survivors = { completed: 4, diverged: 1, train: alone, labels: [], test: null };
  const figure = shown(learningCurvesFigure([aCurvesRow(survivors)]));
  expect(figure.querySelectorAll("g[fill-opacity] path")).toHaveLength(0);
  expect(figure.querySelector(".panel .note")?.textContent).toBe(
    "4 of 5 completed runs; 1 diverged left out",
  );
  expect(figure.querySelector("figcaption")?.textContent).toContain("have no band");
  expect(figure.querySelector("svg")?.getAttribute("aria-label")).toContain("1 diverged left out");
  expect(figure.textContent).not.toContain("±");
  const whole = shown(learningCurvesFigure([aCurvesRow()]));
  expect(whole.textContent).not.toContain("diverged");
});

test("heads have a line each, a name for each label space, and a legend of draws and spaces", () => {
  expect(paths(charts.heads, "g[fill='none'][stroke^='var('] > path[d^='M']")).toBe(3);
  expect(texts(charts.heads)).toEqual(expect.arrayContaining(["n = 100", "suppressed", "frozen"]));
  const figure = shown(headCurvesFigure(aHeadsRow()));
  expect(Array.from(figure.querySelectorAll(".legend li"), (li) => li.textContent)).toEqual([
    ...["n = 2", "n = 100, the headline's", "draw 0", "draw 1", "the draw that rl= suppresses"],
    "heads on the frozen trunk",
  ]);
  expect(figure.querySelectorAll(".panel")).toHaveLength(2);
  expect(figure.querySelectorAll("tbody tr")).toHaveLength(6);
});

test("learning curves that ended early, and a single epoch, are drawn as far as they go", () => {
  const short = learningCurvesChart(
    aCurvesRow({ train: [about(0.2)], labels: [], test: null }),
    canvas,
  );
  expect(short.outerHTML).not.toMatch(/NaN|Infinity/);
  expect(texts(short)).not.toContain("test");
});

test("the depth chart has the frozen trunk and two rungs of the null beside every configuration", () => {
  const chart = charts["by depth"];
  expect(texts(chart)).toEqual(expect.arrayContaining(["none", "frozen", "null", "stage 3"]));
  expect(paths(chart, "circle")).toBe(9);
  expect(paths(chart, "path[stroke='var(--family-none)'][transform]")).toBe(3); // its leverages
});

test("a tap without a measurement is a gap in the depth chart, not a zero", () => {
  const [none] = aDepthRow().trained;
  const trained = [{ ...none!, frozen: [null, null, about(0.3)] }];
  const chart = depthChart(aDepthRow({ trained }), canvas);
  expect(paths(chart, "circle")).toBe(7);
  expect(chart.outerHTML).not.toMatch(/NaN/);
});

const marks = (chart: Element, color: string) =>
  chart.querySelectorAll(`path[fill="var(--${color})"]`).length;

test("a ladder has a mark, a name and a number for each rung, hollow where it is declared", () => {
  const chart = charts.ladder;
  expect(texts(chart)).toEqual(
    expect.arrayContaining([
      ...["What heads learn", "What the features allow", "null: counts", "network"],
      ...["55.0 ± 2.0", "77.0"],
    ]),
  );
  expect(marks(chart, "faint")).toBe(3); // two frozen trunks and the null's counts
  expect(marks(chart, "paper")).toBe(2); // spectrum and leverages
  expect(chart.querySelector("desc")!.textContent).toBe(
    "What heads learn: frozen trunk 55.0 %, network 44.0 %. What the features allow: null: counts 77.0 %, null: " +
      "spectrum 71.0 %, null: leverages 66.0 %, frozen trunk 67.0 %, network 43.0 %.",
  );
});

test("ladders side by side have one scale, from the lowest mean below chance, and cut off bars beyond it", () => {
  const low = aLadderRow({
    regs: "aug",
    heads: { frozen: about(0.001, 0.9), network: about(-0.1) },
  });
  const figure = shown(laddersFigure([aLadderRow(), low]));
  const ticks = Array.from(figure.querySelectorAll("svg.plot"), (picture) =>
    Array.from(picture.querySelectorAll("text"), ({ textContent: text, attributes }) => [
      text,
      attributes.getNamedItem("transform")?.value.split(",")[0],
    ]).filter(([text]) => /^\d+$/.test(text!)),
  );
  expect(ticks).toHaveLength(2);
  expect(ticks[0]!.map(([text]) => text)).toEqual(["0", "20", "40", "60", "80", "100"]);
  expect(ticks[0]).toEqual(ticks[1]);
  expect(figure.outerHTML).not.toMatch(/NaN/);
  const ends = Array.from(figure.querySelectorAll("line[x1][stroke='var(--faint)']"), (bar) =>
    Number(bar.getAttribute("x1")),
  );
  expect(Math.min(...ends)).toBeGreaterThanOrEqual(92); // the left margin
});

test("a ladder leaves out what was not measured, and gives a suppressed labelling a lane of its own", () => {
  const without = aLadderRow({ heads: { frozen: null, network: about(0.4, null) } });
  const chart = ladderChart(without, canvas);
  expect(marks(chart, "faint")).toBe(2);
  expect(chart.outerHTML).not.toMatch(/NaN/);
  const suppressed = { head: about(-0.001, 0.004), refit: about(0.24) };
  const figure = shown(laddersFigure([without, aLadderRow({ regs: "rl=10", suppressed })]));
  expect(figure.querySelectorAll(".panel")).toHaveLength(2);
  const rows = Array.from(figure.querySelectorAll("tbody tr"), (row) =>
    Array.from(row.children, ({ textContent }) => textContent),
  );
  expect(rows).toContainEqual([
    ...["mlp-256 rl=10", "The labelling that rl= suppresses", "its refit", "24.0 ± 2.0"],
  ]);
  expect(rows).toContainEqual([
    ...["mlp-256 none", "What the features allow", "null: spectrum · declared", "71.0 ± 2.0"],
  ]);
});

test("there is an arrow to each regularizer", () => {
  expect(paths(charts.arrows, "g[stroke-width='2'] > path[stroke^='var(--family']")).toBe(2);
  expect(texts(charts.arrows)).toEqual(expect.arrayContaining(["none", "dropout=0.5", "aug"]));
});

const point = { entry: "e", arch: "mlp-256", regs: "none", measure: 1_841_162, gap: 0.61 };
const scatters = [
  {
    ...{ title: "parameters", isShare: false },
    points: [point, { ...point, entry: "f", measure: -0.5 }],
  },
  { title: "train loss", isShare: false, points: [{ ...point, measure: 0.01234567 }] },
];

test("the table behind the scatters has a line an entry, and a dash where it lacks the measure", () => {
  const figure = shown(measureScattersFigure(scatters));
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
  expect(said(shown(depthFigure([aDepthRow()])))).toBe(true);
  expect(said(shown(learningCurvesFigure([aCurvesRow()])))).toBe(true);
  expect(said(shown(measureScattersFigure(scatters)))).toBe(false);
});

test("every figure says what to see and has the numbers behind it", () => {
  const figures = [
    shown(complexityGapFigure(mapRows)),
    shown(learningCurvesFigure([aCurvesRow()])),
    shown(depthFigure([aDepthRow()])),
    shown(regularizerArrowsFigure([arrows])),
    shown(headCurvesFigure(aHeadsRow())),
    shown(measureScattersFigure(scatters)),
    shown(ladderFigure(aLadderRow())),
  ];
  for (const figure of figures) {
    expect(figure.querySelector("figcaption")?.textContent?.length).toBeGreaterThan(100);
    expect(figure.querySelectorAll("details tbody tr").length).toBeGreaterThan(0);
    expect(figure.outerHTML).not.toMatch(/NaN|Infinity|undefined|<style|style=/);
  }
});

test("a hostile name stays text", () => {
  const evil = '<img src=x onerror="alert(1)">';
  const figure = shown(complexityGapFigure([aMapRow({ arch: evil })]));
  expect(figure.querySelector("img")).toBeNull();
  expect(figure.textContent).toContain(evil);
});

type Triple = [number, number, number];

const css = readFileSync(new URL("../../site/charts/charts.css", import.meta.url), "utf8");
const [light, dark] = [0, 1].map(variables);

/** @param side of `light-dark(a, b)`. */
function variables(side: number): Record<string, Triple> {
  const found = css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g);
  return Object.fromEntries(
    Array.from(found, ([, name, ...hexes]): [string, Triple] => [name!, linear(hexes[side]!)]),
  );
}

/** Linear-light red, green and blue. */
function linear(hex: string): Triple {
  return [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Triple;
}

/** WCAG 2.2 contrast ratio. */
function contrast(a: Triple, b: Triple): number {
  const [x, y] = [a, b].map(([r, g, c]) => 0.2126 * r + 0.7152 * g + 0.0722 * c + 0.05);
  return Math.max(x! / y!, y! / x!);
}

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear light. */
const VISION: Record<string, Triple[]> = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Oklab times 100 (Ottosson 2020): a distance of 2 is just noticeable. */
function seen(color: Triple, matrix: Triple[]): Triple {
  const dot = (row: Triple, v: Triple) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2];
  const rgb = matrix.map((row) => Math.min(1, Math.max(0, dot(row, color)))) as Triple;
  const lms = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ].map((row) => Math.cbrt(dot(row as Triple, rgb))) as Triple;
  return [
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ].map((row) => 100 * dot(row as Triple, lms)) as Triple;
}

describe.each([
  ["light", light!],
  ["dark", dark!],
])("the %s palette", (_, palette) => {
  const colors = Object.keys(FAMILIES).map((family) => palette[`family-${family}`]!);

  test("stands out from the paper: 3 to 1 for marks, 4.5 to 1 for text", () => {
    for (const color of colors) expect(contrast(color, palette.paper!)).toBeGreaterThanOrEqual(3);
    for (const name of ["ink", "faint", "accent"])
      expect(contrast(palette[name]!, palette.paper!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(Object.entries(VISION))("keeps families apart with %s", (_name, matrix) => {
    const points = colors.map((color) => seen(color, matrix));
    for (const [i, a] of points.entries())
      for (const b of points.slice(i + 1))
        expect(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])).toBeGreaterThan(7);
  });
});

test("entries laid over each other are told apart by colour in either theme, whatever eyes see", () => {
  const names = OVERLAY_COLORS.map((color) => /--([a-z-]+)/.exec(color)![1]!);
  expect(new Set(names).size).toBe(MOST_COMPARED);
  for (const palette of [light!, dark!])
    for (const matrix of Object.values(VISION)) {
      const points = names.map((name) => seen(palette[name]!, matrix));
      for (const [i, a] of points.entries())
        for (const b of points.slice(i + 1))
          expect(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])).toBeGreaterThan(8);
    }
});

test("a family keeps its hue from the light theme to the dark one; grey has none", () => {
  const hue = ([, a, b]: Triple) => (180 / Math.PI) * Math.atan2(b, a);
  const away = Object.keys(FAMILIES).flatMap((family) => {
    const [one, other] = [light!, dark!].map((palette) =>
      seen(palette[`family-${family}`]!, VISION["common"]!),
    ) as [Triple, Triple];
    const isGrey = [one, other].some(([, a, b]) => Math.hypot(a, b) < 6);
    return isGrey ? [] : [Math.abs(((hue(one) - hue(other) + 540) % 360) - 180)];
  });
  expect(away).toHaveLength(Object.keys(FAMILIES).length - 2); // none, several
  expect(Math.max(...away)).toBeLessThan(20);
});

test("a regularizer belongs to one family, a mixture to several", () => {
  const families = [
    "none",
    "wd=0.005",
    "rl=1,rl=10@1",
    "rl=10:confusion@1",
    "wd=0.005,aug",
    "recipe",
  ];
  expect(families.map(regularizerFamily)).toEqual([
    "none",
    "weight-decay",
    "random-label",
    "random-label",
    "several",
    "several",
  ]);
});

test("an architecture has the shape of its family, whatever else is drawn, and every family one of its own", () => {
  const examples = [...ARCHITECTURES.map(({ example }) => example), "custom:my-net@0123abcd"];
  expect(new Set(examples.map(architectureShape)).size).toBe(examples.length);
  expect(architectureShape("mlp-16384")).toBe(architectureShape("mlp-8"));
  const rows = ["mlp-64", "cnn-8", "mlp-256"].map((arch) => ({ arch, regs: "none" }));
  expect(mapLegend(rows).map(({ text }) => text)).toEqual(["cnn", "mlp", "none"]);
  expect(mapLegend(rows.slice(2))[0]!.sign).toEqual(mapLegend(rows)[1]!.sign);
});

test("each regularizer that augments has a colour of its own", () => {
  const colors = ["aug", "cutout=8", "mixup=0.2", "cutmix=1"].map(
    (regs) => FAMILIES[regularizerFamily(regs)].color,
  );
  expect(new Set(colors).size).toBe(4);
});

test("a share is written in percent, with a true minus and without a negative zero", () => {
  expect(percent(0.4125)).toBe("41.3");
  expect(percent(-0.051)).toBe("−5.1");
  expect(percent(-0.0001)).toBe("0.0");
});

test("what was not measured is a dash", () => {
  expect([percent(null), percent(NaN), percentInterval(null)]).toEqual(["–", "–", "–"]);
});

test("a mean carries half the width of its interval, a single value none", () => {
  expect(percentInterval(about(0.5, 0.012))).toBe("50.0 ± 1.2");
  expect(percentInterval(about(0.5, null))).toBe("50.0");
});

const frame = { left: 40, right: 800, top: 0, bottom: 450 };
const anchor = fc.record({
  x: fc.double({ min: 45, max: 790, noNaN: true }),
  y: fc.double({ min: 10, max: 440, noNaN: true }),
  text: fc.string({ minLength: 1, maxLength: 30 }),
});

test("names stay inside the frame and never cover each other", () => {
  fc.assert(
    fc.property(fc.array(anchor, { maxLength: 30 }), (anchors) => {
      const boxes = placeLabels(anchors, frame).flatMap((place, i) =>
        place === null ? [] : [{ ...place, right: place.x + 6.1 * anchors[i]!.text.length }],
      );
      for (const [i, a] of boxes.entries()) {
        expect(a.x).toBeGreaterThanOrEqual(frame.left);
        expect(a.right).toBeLessThanOrEqual(frame.right);
        for (const b of boxes.slice(i + 1))
          expect(a.right <= b.x || b.right <= a.x || Math.abs(a.y - b.y) >= 12.99).toBe(true);
      }
    }),
  );
});

test("no line from a point to its name crosses another name, and none stands on other words", () => {
  const title = { left: frame.left, right: 200, top: 0, bottom: 16 };
  fc.assert(
    fc.property(fc.array(anchor, { minLength: 10, maxLength: 40 }), (anchors) => {
      const places = placeLabels(anchors, frame, [], 4, [title]);
      const names = places.flatMap((place, i) =>
        place === null ? [] : [{ ...place, i, right: place.x + 6.1 * anchors[i]!.text.length }],
      );
      for (const { i, ...place } of names) {
        expect(place.x >= title.right || place.y - 6 >= title.bottom).toBe(true);
        const line = leaderOf(anchors[i]!, place);
        if (line === null) continue;
        for (let t = 0; t <= 1; t += 0.02) {
          const x = line.x1 + (line.x2 - line.x1) * t;
          const y = line.y1 + (line.y2 - line.y1) * t;
          const isCrossing = (other: (typeof names)[number]) =>
            other.i !== i && x > other.x && x < other.right && Math.abs(y - other.y) < 5;
          expect(names.some(isCrossing)).toBe(false);
        }
      }
    }),
  );
});

test("names without a regularizer choose first, however far from their points they must go", () => {
  const crowd = [0, 1, 2].map((i) => ({ x: 400, y: 200 + 3 * i, text: "mlp-256 rl=10" }));
  const none = { x: 400, y: 206, text: "mlp-256 none" };
  const room = { left: 380, right: 520, top: 192, bottom: 240 };
  const isNamed = (isFirst: boolean) =>
    placeLabels([...crowd, { ...none, isFirst }], room, [], 4)[3] !== null;
  expect([isNamed(false), isNamed(true)]).toEqual([false, true]);
});

test("a lone name goes to the right, and off the interval when it can", () => {
  const at = { x: 100, y: 100, text: "none" };
  expect(placeLabels([at], frame)[0]!.y).toBe(100);
  const bar = { left: 60, right: 160, top: 99, bottom: 101 };
  expect(placeLabels([at], frame, [bar])[0]!.y).not.toBe(100);
});

test("names at the ends of lines are moved apart, keep their order and stay above the axis", () => {
  const heights = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 8 });
  fc.assert(
    fc.property(heights, (positions) => {
      const moved = spread(positions, 13, 200);
      const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!);
      for (const [k, i] of order.entries()) {
        expect(moved[i]).toBeLessThanOrEqual(200 + 1e-9);
        if (k > 0) expect(moved[i]! - moved[order[k - 1]!]!).toBeGreaterThanOrEqual(13 - 1e-9);
      }
    }),
  );
});

test("lines that end far apart keep their names where they end", () => {
  expect(spread([10, 100, 50], 13, 200)).toEqual([10, 100, 50]);
});

test("an axis reaches to zero unless that would squeeze the points together", () => {
  expect(paddedDomain([0.1, 0.5])[0]).toBe(0);
  expect(paddedDomain([0.4, 0.5])[0]).toBeGreaterThan(0.35);
  expect(paddedDomain([-0.01, 0.5])[0]).toBeLessThan(-0.01);
  expect(paddedDomain([])).toEqual([0, 1]);
});

/** An element of a picture: what Plot would have left in it. */
function inPicture(content: string, title: string): string {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const element = document.createElementNS("http://www.w3.org/2000/svg", "text");
  element.setAttribute("title", title);
  element.textContent = content;
  svg.append(element);
  return drawn(picture(svg));
}

test.each([
  ["in elements and attributes", (text: string, title: string) => drawn(h("p", { title }, text))],
  ["in pictures", inPicture],
])("any text survives as text: %s", (_, draw) => {
  const text = fc.string({
    unit: fc.constantFrom("<", ">", "&", '"', "'", "a", ";", "#", "/", " "),
  });
  fc.assert(
    fc.property(text, text, (content, title) => {
      const body = parseHTML(`<html><body>${draw(content, title)}</body></html>`).document.body;
      const back = body.querySelector("p, text")!;
      expect([back.textContent, back.getAttribute("title")]).toEqual([content, title]);
      expect(back.children).toHaveLength(0);
      expect(body.querySelectorAll("p, text")).toHaveLength(1);
    }),
  );
});

test("coordinates are shortened to a tenth of a pixel, words are not", () => {
  const path = document.createElement("path");
  path.setAttribute("d", "M-0.0000001,12.345678L3.1e-9,100");
  expect(nodeText(path)).toBe('<path d="M0,12.3L0,100"></path>');
  const label = document.createElement("g");
  label.setAttribute("aria-label", "3.14159");
  expect(nodeText(label)).toBe('<g aria-label="3.14159"></g>');
});

test("attributes keep their order; null leaves one out, true writes it empty", () => {
  const link = h("a", { href: "/", class: "button", title: null, download: true }, "there", null);
  expect(drawn(link)).toBe('<a href="/" class="button" download>there</a>');
});
