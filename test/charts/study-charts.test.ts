import { readFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { depthOf } from "../../record/by-depth.ts";
import { complexityByTap } from "../../record/complexity-by-tap.ts";
import { runMetrics } from "../../record/metrics.ts";
import { depthChart, depthData, depthFigure } from "../../site/charts/complexity-by-depth.ts";
import { doseChart, doseData, doseFigure } from "../../site/charts/dose-response.ts";
import { type Dosed, doseRows } from "../../site/charts/dose-rows.ts";
import { figure } from "../../site/charts/figure.ts";
import { gapChart, gapData, gapFigure, gapRow } from "../../site/charts/gap-over-training.ts";
import { lightColors, savedFigure } from "../../site/charts/saved-figure.ts";
import { summarize } from "../../record/summary.ts";
import { h } from "../../site/markup/element.ts";
import { picture } from "../../site/charts/plot.ts";
import { aDivergedRun, aLearnedRun, aRun, micro } from "../world/runs.ts";
import { aDepthRow, about, document, shown } from "./rows.ts";

const canvas = { document, width: 360 };
const texts = (chart: Element) => Array.from(chart.querySelectorAll("text"), (t) => t.textContent);

const dosed = (regs: string, level: number, arch = "mlp-16"): Dosed => ({
  ...{ arch, regs, parts: regs, runs: 5, diverged: 0 },
  ...{ learnedComplexity: about(level), capacity: about(0.5) },
  ...{ frozenComplexity: about(0.3), frozenCapacity: about(0.6) },
  ...{ gap: about(level / 2), testAccuracy: about(0.4) },
});

const sweep = [
  ...[dosed("wd=0.01", 0.2), dosed("none", 0.4), dosed("wd=0.001", 0.3), dosed("dropout=0.5", 0.1)],
  ...[dosed("wd=0.01,dropout=0.5", 0.08), dosed("rl=1:confusion@1", 0.1), dosed("rl=10", 0.1)],
  ...[dosed("wd=0.001", 0.3, "cnn-4"), dosed("aug", 0.2, "cnn-4")],
];

test("a series is every regularizer of two strengths on one architecture, all else alike, from 0 up", () => {
  const [row, ...others] = doseRows(sweep);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ regularizer: "wd", base: "none" });
  expect(row!.architectures.map(({ arch }) => arch)).toEqual(["mlp-16"]);
  expect(row!.architectures[0]!.doses.map(({ strength, regs }) => [strength, regs])).toEqual([
    ...[
      [0, "none"],
      [0.001, "wd=0.001"],
    ],
    [0.01, "wd=0.01"],
  ]);
  const beside = doseRows([...sweep, dosed("wd=0.1,dropout=0.5", 0.07)]);
  expect(beside.map(({ regularizer, base }) => [regularizer, base])).toEqual([
    ["wd", "none"],
    ["wd", "dropout=0.5"],
  ]);
  expect(beside[1]!.architectures[0]!.doses.map(({ strength }) => strength)).toEqual([
    0, 0.01, 0.1,
  ]);
});

test("forms and taps of rl= are regularizers of their own, and so is code of one's own, of strength 1 unless it says another", () => {
  const rows = doseRows([
    ...["rl=1:confusion@2", "rl=10:confusion@2", "rl=10", "rl=2e-7"].map((regs) =>
      dosed(regs, 0.1),
    ),
    ...["custom:a@0123abcd", "custom:a@0123abcd=2", "custom:a@ff23abcd", "aug"].map((regs) =>
      dosed(regs, 0.1),
    ),
  ]);
  expect(rows.map(({ regularizer }) => regularizer)).toEqual([
    ...["rl:confusion@2", "rl", "custom:a@0123abcd"],
  ]);
  expect(rows[2]!.architectures[0]!.doses.map(({ strength }) => strength)).toEqual([1, 2]);
  expect(doseChart(rows[2]!, "gap", canvas).outerHTML).toContain("var(--family-several)");
  expect(rows[1]!.architectures[0]!.doses.map(({ strength }) => strength)).toEqual([2e-7, 10]);
});

/** Horizontal middles of the marks in the family's colour, in the order of strengths. */
const places = (chart: Element) =>
  Array.from(chart.querySelectorAll("g[fill='var(--family-weight-decay)'] > circle"), (mark) =>
    Number(mark.getAttribute("cx")),
  );

test("strengths stand at their logarithms, and none apart beyond a break, with no line to it", () => {
  const rows = doseRows([...sweep, dosed("wd=0.1", 0.1)]);
  const chart = doseChart(rows[0]!, "learnedComplexity", canvas);
  const [none, ...doses] = places(chart);
  expect(doses[1]! - doses[0]!).toBeCloseTo(doses[2]! - doses[1]!, 1); // a decade each
  expect(none!).toBeLessThan(doses[0]!);
  expect(texts(chart)).toEqual(
    expect.arrayContaining(["none", "//", "0.001", "0.01", "0.1", "wd= →"]),
  );
  const line = chart.querySelector(
    "path[stroke='var(--family-weight-decay)'], g[stroke='var(--family-weight-decay)'] > path",
  );
  expect(Number(/^M([\d.]+)/.exec(line!.getAttribute("d")!)![1])).toBeCloseTo(doses[0]!, 1);
  expect(chart.querySelector("desc")!.textContent).toContain(
    "mlp-16: 40.0 at 0, 30.0 at 0.001, 20.0 at 0.01, 10.0 at 0.1.",
  );
  expect(chart.outerHTML).not.toMatch(/NaN|Infinity|undefined|style=/);
  const without = doseRows(sweep.filter(({ regs }) => regs !== "none"))[0]!;
  expect(texts(doseChart(without, "gap", canvas))).not.toContain("//");
});

test("what a diverged run voids is a hole in the line, and an empty picture is drawn without complaint", () => {
  const void_ = { learnedComplexity: null, capacity: null, gap: null, testAccuracy: null };
  const [row] = doseRows([sweep[1]!, sweep[2]!, { ...sweep[0]!, ...void_ }]);
  expect(places(doseChart(row!, "gap", canvas))).toHaveLength(2);
  const [empty] = doseRows([sweep[0]!, sweep[2]!].map((each) => ({ ...each, ...void_ })));
  expect(doseChart(empty!, "gap", canvas).outerHTML).not.toMatch(/NaN|Infinity/);
  expect(doseData(row!).rows[2]).toEqual(expect.arrayContaining(["wd=0.01", 0.01, null]));
});

test("a line is broken, not joined, across a dose that diverged, and the caption says which", () => {
  const nothing = { learnedComplexity: null, capacity: null, gap: null, testAccuracy: null };
  const strengths = ["wd=0.001", "wd=0.01", "wd=0.1", "wd=1", "wd=10"];
  const doses = strengths.map((regs) => dosed(regs, 0.3));
  const holed = doses.with(2, { ...doses[2]!, ...nothing, diverged: 2 });
  const pieces = (rows: typeof doses) => {
    const chart = doseChart(doseRows(rows)[0]!, "gap", canvas);
    const lines = chart.querySelectorAll(
      "[stroke='var(--family-weight-decay)'] path, path[stroke]",
    );
    return Math.max(...Array.from(lines, (line) => line.getAttribute("d")!.split("M").length - 1));
  };
  expect([pieces(doses), pieces(holed)]).toEqual([1, 2]);
  const said = shown(doseFigure(doseRows(holed)[0]!)).textContent;
  expect(said).toContain("mlp-16 wd=0.1 (2 of 5 runs diverged)");
  expect(shown(doseFigure(doseRows(doses)[0]!)).textContent).not.toContain("Left out");
});

test("the recipe is one of the strengths of its own weight decay, and a base by its own name", () => {
  const parts = "wd=0.0005,aug,cutout=16";
  const rows = doseRows([
    { ...dosed("recipe", 0.3), parts },
    dosed("wd=0.005,aug,cutout=16", 0.2),
    ...[0.1, 0.3].map((p) => ({
      ...dosed(`recipe,dropout=${p}`, 0.1),
      parts: `wd=0.0005,dropout=${p},aug,cutout=16`,
    })),
  ]);
  expect(rows.map(({ regularizer, base }) => [regularizer, base])).toEqual([
    ["wd", "aug,cutout=16"],
    ["dropout", "recipe"],
  ]);
  const [wd, dropout] = rows.map(({ architectures }) => architectures[0]!.doses);
  expect(wd!.map(({ strength, regs }) => [strength, regs])).toEqual([
    [0.0005, "recipe"],
    [0.005, "wd=0.005,aug,cutout=16"],
  ]);
  expect(dropout!.map(({ strength }) => strength)).toEqual([0, 0.1, 0.3]);
});

test("the frozen trunk has its interval, too", () => {
  const chart = doseChart(doseRows(sweep)[0]!, "learnedComplexity", canvas);
  expect(chart.querySelectorAll("[stroke='var(--faint)'] > line")).toHaveLength(3);
});

test("the figure of doses has a picture for each quantity and its numbers in a table and as rows", () => {
  const [row] = doseRows([...sweep, dosed("wd=0.01", 0.2, "cnn-4")]);
  const drawn = shown(doseFigure(row!));
  expect(drawn.querySelectorAll(".pairs .panel svg.plot")).toHaveLength(4);
  expect(drawn.querySelectorAll("tbody tr")).toHaveLength(5);
  const { columns, rows } = doseData(row!);
  expect(columns.slice(0, 6)).toEqual([
    ...["arch", "regs", "regularizer", "strength", "learnedComplexity", "learnedComplexityLow"],
  ]);
  expect(rows[0]!.slice(0, 5)).toEqual(["mlp-16", "none", "wd", 0, 0.4]);
});

const heads = (share: number) => {
  const run = aLearnedRun("cnn-8", "rl=10", 1, 0.5);
  const final = (n: number) => Math.round(2500 * (1 / n + (1 - 1 / n) * share));
  return {
    ...run,
    heads: run.heads!.map((head) => ({ ...head, final: head.regularized ? 25 : final(head.n) })),
  };
};

test("complexity by tap is the mean over free draws, at the last tap the learned complexity itself", () => {
  const runs = [0.2, 0.4].map((share, i) => runMetrics({ ...heads(share), seed: i + 1 }, micro));
  const byTap = complexityByTap(runs, 100);
  expect(byTap.map(({ tap }) => tap)).toEqual([1, 2, 3]);
  expect(byTap[0]!.complexity!.mean).toBeCloseTo(0.3, 3);
  const last = runs.map(({ learnedComplexity }) => learnedComplexity!);
  expect(byTap[2]!.complexity!.mean).toBeCloseTo((last[0]! + last[1]!) / 2, 12);
  const diverged = runMetrics(aDivergedRun({ arch: "cnn-8", regs: "rl=10" }), micro);
  expect(complexityByTap([...runs, diverged], 100)[2]!.complexity).toBeNull();
  expect(complexityByTap([], 100)).toEqual([]);
});

test("by depth there are two pictures an architecture: heads with their frozen trunk, and refits with the null", () => {
  const drawn = shown(depthFigure([aDepthRow()]));
  const [first, second] = drawn.querySelectorAll(".panel");
  expect(first!.textContent).toContain("cnn-8: heads");
  expect(texts(first!)).toEqual(expect.arrayContaining(["none", "frozen", "stage 3"]));
  expect(texts(first!)).not.toContain("null");
  expect(texts(second!)).toContain("null");
  const learned = depthChart(aDepthRow(), canvas, "heads");
  expect(learned.querySelectorAll("circle")).toHaveLength(3); // none of the frozen trunk, whose mark is hollow
  expect(learned.getAttribute("aria-label")).toBe("Learned complexity by depth of cnn-8");
  const { columns, rows } = depthData([aDepthRow()]);
  const last = Object.fromEntries(columns.map((name, i) => [name, rows[2]![i]]));
  expect(last).toMatchObject({
    ...{ configuration: "cnn-8 none", tapName: "stage 3", learnedComplexity: 0.15 },
    ...{ frozenComplexity: 0.12, capacity: 0.4, frozenCapacityHigh: 0.32, countsNull: 0.7 },
  });
});

test("by depth every configuration has the frozen trunk of its own seeds, and equal ones are one line", () => {
  const [none] = aDepthRow().trained;
  const dashed = (row: ReturnType<typeof aDepthRow>) =>
    depthChart(row, canvas).querySelectorAll("[stroke-dasharray='6 3']").length;
  const alike = aDepthRow({ trained: [none!, { ...none!, regs: "wd=0.1" }] });
  expect(dashed(alike)).toBe(1);
  const frozen = [about(0.1), about(0.2), about(0.25)];
  const other = aDepthRow({ trained: [none!, { ...none!, regs: "wd=0.1", frozen }] });
  expect(dashed(other)).toBe(2);
  const { columns, rows } = depthData([other]);
  const at = columns.indexOf("frozenCapacity");
  expect([rows[2]![at], rows[5]![at]]).toEqual([0.3, 0.25]);
});

test("by depth an interval is drawn to its ends, within what A can be", () => {
  const [none] = aDepthRow().trained;
  const wide = (mean: number, low: number, high: number) => ({ mean, low, high, count: 3 });
  const barOf = (interval: ReturnType<typeof wide>) => {
    const byTap = [null, null, interval];
    const empty = { byTap, frozen: [null, null, null], leverages: [null, null, null] };
    const counts = [null, null, null];
    const row = aDepthRow({ trained: [{ ...none!, ...empty }], counts });
    const chart = depthChart(row, canvas);
    const line = chart.querySelector("g[stroke='var(--family-none)'] > line")!;
    const mean = Number(chart.querySelector("circle")!.getAttribute("cy"));
    const [y1, y2] = ["y1", "y2"].map((name) => Math.abs(Number(line.getAttribute(name)) - mean));
    return [Math.min(y1!, y2!), Math.max(y1!, y2!)];
  };
  const [up, down] = barOf(wide(0.3, 0.18, 0.42));
  expect(up! / down!).toBeCloseTo(1, 2);
  const [below, above] = barOf(wide(0.005, -0.004, 0.014));
  expect(below! / above!).toBeCloseTo(1, 2);
  const [cut, whole] = barOf(wide(0.7, 0.2, 1.2));
  expect(cut! / whole!).toBeCloseTo(0.6, 2);
});

test("a row by depth takes heads from runs, and goes without where they are not at hand", () => {
  const runs = [1, 2].map((seed) => aLearnedRun("cnn-8", "none", seed, 0.5));
  const summary = summarize(runs, micro);
  const taps = ["stage 1", "stage 2", "stage 3"];
  const source = { summary, controls: summary.controls! };
  const metrics = runs.map((run) => runMetrics(run, micro));
  const row = depthOf({ ...source, runs: metrics }, taps, 100);
  expect(row.heads.at(-1)).toEqual(summary.learnedComplexity);
  expect(row.frozenHeads).toEqual([null, null, summary.frozenComplexity]);
  expect(depthOf({ ...source, runs: [] }, taps, 100).heads).toEqual([null, null, null]);
});

/** Evaluated after the second of three epochs, and at the end. */
const evaluatedRun = (seed: number, trainCorrect: number) => {
  const run = aRun({ seed });
  const [first] = run.epochs;
  const evaluated = { trainCorrect, testCorrect: 4000 };
  return { ...run, epochs: [first!, { ...first!, evaluated }, first!] };
};

test("the gap over training has the epochs that were evaluated, and the end", () => {
  const runs = [evaluatedRun(1, 1250), evaluatedRun(2, 1750)];
  const row = gapRow({ arch: "mlp-512", regs: "none", runs }, { epochs: 3 })!;
  expect(row.evaluations.map(({ epoch, gap }) => [epoch, gap.mean])).toEqual([
    [2, expect.closeTo(0.6 - 0.4, 12)],
    [3, expect.closeTo(0.8 - 0.45, 12)],
  ]);
  // t of 1 degree of freedom, 12.7062, times the standard deviation of .5 and .7 over the root of 2
  const [low, high] = [0.6 - 12.7062 * 0.1, 0.6 + 12.7062 * 0.1];
  const { trainAccuracy } = row.evaluations[0]!;
  expect([trainAccuracy.low, trainAccuracy.high]).toEqual([
    expect.closeTo(low, 4),
    expect.closeTo(high, 4),
  ]);
  const end = row.evaluations[1]!.testAccuracy;
  expect(end.high! - end.low!).toBeGreaterThan(0); // equal counts are no certainty
  const chart = gapChart(row, canvas);
  expect(texts(chart)).toEqual(expect.arrayContaining(["train", "test", "gap", "epoch →"]));
  expect(chart.querySelector("desc")!.textContent).toContain("gap goes from 20.0 to 35.0 %");
  expect(shown(gapFigure([row])).querySelectorAll("tbody tr")).toHaveLength(2);
  expect(gapData([row]).rows[1]!.slice(0, 3)).toEqual(["mlp-512", "none", 3]);
});

test("without an evaluated epoch there is no such picture, and over the runs that were left no band", () => {
  const source = { arch: "mlp-512", regs: "none" };
  expect(gapRow({ ...source, runs: [aRun()] }, micro)).toBeNull();
  const runs = [evaluatedRun(1, 1250), evaluatedRun(2, 1750), aDivergedRun({ seed: 3 })];
  const row = gapRow({ ...source, runs }, { epochs: 3 })!;
  expect(row).toMatchObject({ completed: 2, diverged: 1 });
  expect(
    gapChart(row, canvas).querySelectorAll("g[fill-opacity] path, path[fill-opacity]"),
  ).toHaveLength(0);
  expect(shown(gapFigure([row])).querySelector(".note")?.textContent).toContain(
    "1 diverged left out",
  );
});

const css = readFileSync("site/charts/charts.css", "utf8");
const rows = { columns: ["arch", "share"], rows: [["=a", 0.5]] };

/** The files of a figure's links. */
function filesOf(element: Element) {
  return Array.from(element.querySelectorAll("a[download]"), (link) => {
    const [, type, data] = /^data:([^,]+);base64,(.*)$/.exec(link.getAttribute("href")!)!;
    return {
      name: link.getAttribute("download"),
      type,
      text: Buffer.from(data!, "base64").toString("utf8"),
    };
  });
}

test("a saved picture stands alone: every panel, title and legend, in colours of its own", () => {
  const saved = savedFigure(depthFigure([aDepthRow(), aDepthRow({ arch: "cnn-16" })]), {
    ...{ name: "by-depth", rows, colors: lightColors(css) },
  });
  const [svg, csv] = filesOf(shown(saved));
  expect(csv).toEqual({
    ...{ name: "by-depth.csv", type: "text/csv;charset=utf-8", text: "arch,share\r\n'=a,0.5\r\n" },
  });
  expect(svg).toMatchObject({ name: "by-depth.svg", type: "image/svg+xml" });
  expect(svg!.text).not.toMatch(/var\(|light-dark|NaN|undefined|<style|href/);
  const drawn = parseHTML(svg!.text).document.documentElement;
  expect(drawn.querySelectorAll("svg.plot")).toHaveLength(4);
  const said = texts(drawn);
  expect(said).toEqual(expect.arrayContaining(["Learned complexity and capacity by depth"]));
  expect(said).toEqual(expect.arrayContaining(["cnn-8: heads", "cnn-16: refits", "null: counts"]));
  const [, , width, height] = drawn.getAttribute("viewBox")!.split(" ").map(Number);
  for (const part of drawn.querySelectorAll("svg.plot")) {
    const [x, y, w, tall] = ["x", "y", "width", "height"].map((name) =>
      Number(part.getAttribute(name)),
    );
    expect(x! + w!).toBeLessThanOrEqual(width!);
    expect(y! + tall!).toBeLessThanOrEqual(height!);
  }
});

test("every colour of a chart has a light value to be saved with", () => {
  const names = [...css.matchAll(/(--(?:ink|paper|faint|line|accent|family-[a-z-]+)): /g)];
  const colors = lightColors(css);
  expect(names.length).toBeGreaterThan(10);
  for (const [, name] of names) expect(colors.get(name!)).toMatch(/^#[0-9a-f]{6}$/);
});

test("of a picture that is drawn for two widths the wide one is saved, without links into the page", () => {
  const plot = doseChart(doseRows(sweep)[0]!, "gap", canvas);
  const link = document.createElement("a");
  link.setAttribute("href", "#row");
  plot.append(link);
  const parts = { title: "T <&> ]]>", caption: "c", legend: [], columns: [], rows: [] };
  const both = ["wide", "narrow"].map((name) => h("div", { class: name }, picture(plot)));
  const colors = lightColors(css);
  const saved = savedFigure(figure(parts, both), { name: "map", rows, colors });
  const [svg] = filesOf(shown(saved));
  expect(svg!.text.match(/class="plot"/g)).toHaveLength(1);
  expect(svg!.text).not.toMatch(/#row|<\/?a\b/);
  expect(svg!.text).toContain("T &lt;&amp;> ]]>");
});
