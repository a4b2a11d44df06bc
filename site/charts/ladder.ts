/** @file The ladder: what heads learned and what the features allow, between chance and every label, beside the null's rungs. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { csvNames } from "../../record/csv.ts";
import type { Estimate, Summary } from "../../record/summary.ts";
import { type ChartRows, bothWidths, figure, intervalCells } from "./figure.ts";
import { rescaledInterval } from "../../record/normalized-accuracy.ts";
import { ends, percent, percentInterval } from "./numbers.ts";
import { type Canvas, canvasOf, GRID, PANEL, drawPlot, panels, percentTick } from "./plot.ts";

/** A lane for the heads and one for refits; the arrow leads from the frozen trunk to the network. Bars are 95 % intervals. */
export function ladderChart(
  row: LadderRow,
  canvas: Canvas,
  [bottom, top] = scaleOf([row]),
): SVGElement {
  const { lines, titles, arrows, height } = placed(row);
  return drawPlot(canvas, naming(row), {
    height: TOP + STEP * height + BOTTOM,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: {
      domain: [bottom, top],
      label: "% (0: chance, 100: every label)",
      labelAnchor: "center",
      labelArrow: "none",
      tickFormat: percentTick,
      ticks: 5,
    },
    y: { domain: [-0.5, height - 0.5], range: [TOP, TOP + STEP * height], axis: null },
    marks: [
      Plot.gridX({ ...GRID, ticks: 5 }),
      Plot.ruleX([0], { stroke: "var(--faint)" }),
      Plot.text(titles, {
        ...{ y: "at", text: "title", frameAnchor: "left", textAnchor: "start" },
        ...{
          dx: -LEFT,
          fill: "var(--ink)",
          fontWeight: 600,
          stroke: "var(--paper)",
          strokeWidth: 6,
        },
      }),
      Plot.text(lines, {
        ...{ y: "at", text: "name", frameAnchor: "left", textAnchor: "start" },
        ...{ dx: -LEFT, fill: "var(--ink)", fontSize: 11 },
      }),
      Plot.arrow(arrows, {
        ...{ x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: "color", strokeOpacity: 0.6 },
        ...{ strokeWidth: 1.5, headLength: 6, insetStart: 6, insetEnd: 6 },
      }),
      Plot.ruleY(lines, {
        ...{ y: "at", stroke: "color", strokeWidth: 1.5 },
        x1: ({ value }: Line) => Math.max(bottom, ends(value)[0]),
        x2: ({ value }: Line) => Math.min(top, ends(value)[1]),
      }),
      dots(lines),
      Plot.text(lines, {
        ...{ y: "at", text: ({ value }: Line) => percentInterval(value), frameAnchor: "right" },
        ...{ textAnchor: "start", dx: 8, fill: "var(--ink)", fontSize: 11 },
      }),
    ],
  });
}

/** Of one configuration, as wide as the page. */
export function ladderFigure(row: LadderRow): VNode {
  const draw = (canvas: Canvas) => ladderChart(row, canvas);
  return figure(parts([row]), bothWidths(draw));
}

/** A panel for each configuration, all on one scale. */
export function laddersFigure(rows: readonly LadderRow[]): VNode {
  const drawn = rows.map((row) => ({
    title: `${row.arch} ${row.regs}`,
    picture: ladderChart(row, canvasOf(PANEL), scaleOf(rows)),
  }));
  return figure(parts(rows), [panels(drawn)]);
}

/** The numbers behind the figure. */
export function laddersData(rows: readonly LadderRow[]): ChartRows {
  return {
    columns: ["arch", "regs", "lane", "rung", "declared", ...csvNames("normalized")],
    rows: rows.flatMap((row) =>
      lanes(row).flatMap(({ title, rungs }) =>
        rungs.map(({ name, declared, value }) => [
          ...[row.arch, row.regs, title, name, declared],
          ...intervalCells(value),
        ]),
      ),
    ),
  };
}

/** From chance, or a mean below it, to every label. */
function scaleOf(rows: readonly LadderRow[]): [number, number] {
  const means = rows.flatMap((row) => placed(row).lines.map(({ value }) => value.mean));
  return [Math.min(0, ...means), 1];
}

function parts(rows: readonly LadderRow[]) {
  const isSuppressed = rows.some(({ suppressed }) => suppressed !== null);
  return {
    title: "From chance to every label",
    caption: CAPTION + (isSuppressed ? SUPPRESSED : ""),
    legend: [
      { sign: { kind: "dot", symbol: "circle", color: HEADS }, text: "heads of the network" },
      { sign: { kind: "dot", symbol: "circle", color: FEATURES }, text: "refits of its features" },
      { sign: { kind: "dot", symbol: "square", color: FAINT }, text: "frozen trunk" },
      { sign: { kind: "dot", symbol: "diamond2", color: FAINT }, text: "null, from counts" },
      {
        sign: { kind: "dot", symbol: "diamond2", color: FAINT, hollow: true },
        text: "null, declared",
      },
    ],
    columns: [
      { title: "configuration" },
      { title: "lane" },
      { title: "rung" },
      { title: "A (%)", numeric: true },
    ],
    rows: rows.flatMap((row) =>
      lanes(row).flatMap(({ title, rungs }) =>
        rungs.map(({ name, declared, value }) => [
          `${row.arch} ${row.regs}`,
          title,
          declared ? `${name} · declared` : name,
          percentInterval(value),
        ]),
      ),
    ),
  } as const;
}

const CAPTION =
  "How many random labels are predicted correctly from the features that the class head reads (the last tap), among as many labels as the " +
  "board is about (the headline): 0 % is chance, 100 % all of them. Above by " +
  "heads that are trained alongside, below by ridge regression on labellings that no head met; both on the trunk before " +
  "training (frozen) and on the network. An arrow is what training changed; compare within a lane. The null: what ridge " +
  "regression gives on shapeless clouds of the same width (counts), with the features' spectrum, and with their " +
  "leverages. Bars are 95 % intervals.";

const SUPPRESSED = " The labelling that rl= suppresses is in neither lane: it stands apart.";

function naming(row: LadderRow) {
  const said = lanes(row).map(({ title, rungs }) => {
    const values = rungs.map(({ name, value }) => `${name} ${percent(value.mean)} %`);
    return `${title}: ${values.join(", ")}.`;
  });
  return {
    label: `Ladder of ${row.arch} ${row.regs}, from chance to every label`,
    description: said.join(" "),
    role: "img" as const,
  };
}

/** Each value A: 0 is chance, 1 every label. */
export interface LadderRow {
  arch: string;
  regs: string;
  heads: { frozen: Estimate; network: Estimate };
  features: Record<"counts" | "spectrum" | "leverages" | "frozen" | "network", Estimate>;
  /** Of the labelling that `rl=` acts on, at the last tap; null without one. */
  suppressed: { head: Estimate; refit: Estimate } | null;
}

/** Null where neither heads nor refits have a mean. @param headline n. */
export function ladderRow(
  { arch, regs, summary }: { arch: string; regs: string; summary: Summary },
  headline: number,
): LadderRow | null {
  const { learnedComplexity, regularizedComplexity, capacity, controls } = summary;
  if (learnedComplexity === null && capacity === null) return null;
  const told = controls?.refit.findLast(({ n }) => n === headline)?.told ?? null;
  return {
    arch,
    regs,
    heads: { frozen: summary.frozenComplexity, network: learnedComplexity },
    features: {
      counts: exact(summary.countsNull),
      spectrum: summary.spectrumNull,
      leverages: summary.leveragesNull,
      frozen: summary.frozenCapacity,
      network: capacity,
    },
    suppressed:
      regularizedComplexity === null
        ? null
        : { head: regularizedComplexity, refit: rescaledInterval(told, headline) },
  };
}

/** A pure function of width and sample size: no seed moves it. */
function exact(value: Estimate): Estimate {
  return value && { ...value, low: null, high: null };
}

/** Pixels. */
const [STEP, TOP, BOTTOM, LEFT, RIGHT] = [20, 4, 40, 92, 78];

const HEADS = "var(--accent)";
const FEATURES = "var(--family-augmentation)";
const SUPPRESSED_COLOR = "var(--family-random-label)";
const FAINT = "var(--faint)";

interface Rung {
  name: string;
  value: NonNullable<Estimate>;
  symbol: "circle" | "square" | "diamond2";
  color: string;
  /** Can nobody recompute it? Then its mark is hollow. */
  declared: boolean;
}

interface Lane {
  title: string;
  rungs: Rung[];
}

/** Without what was not measured. */
function lanes({ heads, features, suppressed }: LadderRow): Lane[] {
  const rung = (
    name: string,
    value: Estimate,
    symbol: Rung["symbol"] = "circle",
    color = FAINT,
    declared = false,
  ): Rung[] => (value === null ? [] : [{ name, value, symbol, color, declared }]);
  const all: Lane[] = [
    {
      title: "What heads learn",
      rungs: [
        ...rung("frozen trunk", heads.frozen, "square"),
        ...rung("network", heads.network, "circle", HEADS),
      ],
    },
    {
      title: "What the features allow",
      rungs: [
        ...rung("null: counts", features.counts, "diamond2"),
        ...rung("null: spectrum", features.spectrum, "diamond2", FAINT, true),
        ...rung("null: leverages", features.leverages, "diamond2", FAINT, true),
        ...rung("frozen trunk", features.frozen, "square"),
        ...rung("network", features.network, "circle", FEATURES),
      ],
    },
    {
      title: "The labelling that rl= suppresses",
      rungs: [
        ...rung("its head", suppressed?.head ?? null, "circle", SUPPRESSED_COLOR),
        ...rung("its refit", suppressed?.refit ?? null, "circle", SUPPRESSED_COLOR),
      ],
    },
  ];
  return all.filter(({ rungs }) => rungs.length > 0);
}

interface Line extends Rung {
  /** Its line from the top, counted with the lanes' titles. */
  at: number;
}

interface Placed {
  titles: { title: string; at: number }[];
  lines: Line[];
  arrows: { x1: number; y1: number; x2: number; y2: number; color: string }[];
  /** In lines. */
  height: number;
}

/** Lines between a lane and the next one's title. */
const GAP = 0.5;

/** One below the other, each lane under its title. */
function placed(row: LadderRow): Placed {
  const all: Omit<Placed, "height"> = { titles: [], lines: [], arrows: [] };
  let at = 0;
  for (const { title, rungs } of lanes(row)) {
    all.titles.push({ title, at: at++ });
    const lines = rungs.map((rung): Line => ({ ...rung, at: at++ }));
    all.lines.push(...lines);
    const from = lines.find(({ name }) => name === "frozen trunk");
    const to = lines.find(({ name }) => name === "network");
    if (from && to)
      all.arrows.push({
        ...{ x1: from.value.mean, y1: from.at, x2: to.value.mean, y2: to.at, color: to.color },
      });
    at += GAP;
  }
  return { ...all, height: at - GAP };
}

function dots(lines: readonly Line[]): Plot.Markish {
  return Plot.dot(lines, {
    x: ({ value }: Line) => value.mean,
    y: "at",
    symbol: "symbol",
    r: 4.5,
    fill: ({ color, declared }: Line) => (declared ? "var(--paper)" : color),
    stroke: "color",
    strokeWidth: 1.5,
  });
}
