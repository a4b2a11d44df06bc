/** @file By depth of tap: what heads learned, and what the features allow; each beside the frozen trunk, capacity beside the null, too. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import {
  type Canvas,
  canvasOf,
  GRID,
  type LineEnd,
  PANEL,
  drawPlot,
  endLabels,
  endMargin,
  panels,
  percentTick,
} from "./plot.ts";
import { type ChartRows, type LegendEntry, figure, intervalCells } from "./figure.ts";
import { ends, percent, percentInterval } from "./numbers.ts";
import { csvNames } from "../../record/csv.ts";
import type { DepthRow } from "../../record/by-depth.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { FAMILIES, regularizerFamily } from "./families.ts";

/**
 * One line a configuration; dashed: frozen trunk; dotted: null of the width; hollow: null of the leverages. Bars are 95 %
 * intervals.
 */
export function depthChart(row: DepthRow, canvas: Canvas, kind: DepthKind = "refits"): SVGElement {
  const lines = depthLines(row, kind).filter(({ points }) => points.length > 0);
  const rungs = kind === "heads" ? [] : rungsOf(row);
  const [bottom, top] = scaleOf(row, lines, rungs);
  return drawPlot(canvas, naming(row, kind), {
    height: 270,
    marginLeft: 36,
    marginRight: endMargin(lines),
    marginTop: 24,
    marginBottom: 40,
    x: {
      ...{ type: "point", domain: row.taps, label: "tap, by depth", padding: 0.15 },
      tickFormat: tapTick(row.taps),
    },
    y: {
      domain: [bottom, top],
      label: `A (%) at n = ${row.n}`,
      tickFormat: percentTick,
      ticks: 5,
    },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      ...lines.flatMap((line) => lineMarks(line, bottom, top)),
      Plot.dot(rungs, {
        ...{ x: "tap", y: "mean", symbol: "diamond2", r: 4 },
        ...{ stroke: "color", fill: "var(--paper)" },
      }),
      endLabels(
        lines.filter(({ label }) => label !== ""),
        row.taps.at(-1) ?? "",
      ),
    ],
  });
}

function lineMarks(
  { points, color, dash, width, hollow }: DepthLine,
  bottom: number,
  top: number,
): Plot.Markish[] {
  return [
    Plot.ruleX(points, {
      x: "tap",
      y1: ({ low }: DepthPoint) => Math.max(bottom, low),
      y2: ({ high }: DepthPoint) => Math.min(top, high),
      stroke: color,
    }),
    Plot.lineY(points, {
      x: "tap",
      y: "mean",
      stroke: color,
      strokeWidth: width,
      ...(dash !== null && { strokeDasharray: dash }),
    }),
    hollow
      ? Plot.dot(points, {
          ...{ x: "tap", y: "mean", symbol: "square", r: 3.5 },
          ...{ stroke: color, strokeWidth: 2, fill: "var(--paper)" },
        })
      : Plot.dot(points, { x: "tap", y: "mean", r: 2.5, fill: color }),
  ];
}

function rungsOf(row: DepthRow) {
  return row.trained.flatMap(({ regs, leverages }) =>
    pointsOf(leverages, row).map((point) => ({ ...point, color: colorOf(regs) })),
  );
}

/**
 * From chance, or what is below it, to the highest end of an interval, within what A can be: -1 / (n - 1) to 1. Head is
 * compared with head, refit with refit: no common scale.
 */
function scaleOf(
  { n }: DepthRow,
  lines: readonly DepthLine[],
  rungs: readonly DepthPoint[],
): [number, number] {
  const points = lines.flatMap((line) => line.points);
  const means = [...rungs, ...points].map(({ mean }) => mean);
  const [lows, highs] = [points.map(({ low }) => low), points.map(({ high }) => high)];
  const bottom = Math.max(-1 / (n - 1), Math.min(0, ...means, ...lows));
  return [bottom, Math.min(1, 1.04 * Math.max(0.05, ...means, ...highs))];
}

/** Characters that fit below one panel. */
const TAP_CHARACTERS = 56;

/** Names as they are where they fit beside each other, else numbers, a dozen at most; the table has every name. */
function tapTick(taps: readonly string[]): (tap: string, i: number) => string {
  if (taps.join("  ").length <= TAP_CHARACTERS) return (tap) => tap;
  const step = Math.ceil(taps.length / 12);
  return (_, i) => (i % step === 0 ? String(i + 1) : "");
}

/** Two panels for each architecture, heads and refits, with caption, legend and table. */
export function depthFigure(rows: readonly DepthRow[]): VNode {
  return figure(
    {
      title: "Learned complexity and capacity by depth",
      caption: CAPTION,
      legend: LEGEND,
      columns: [
        { title: "configuration" },
        { title: "tap" },
        ...COLUMNS.map(({ title }) => ({ title, numeric: true as const })),
      ],
      rows: rowsBehind(rows, (values) =>
        values.map((value, i) =>
          COLUMNS[i]!.name === "countsNull" ? percent(value?.mean ?? null) : percentInterval(value),
        ),
      ),
    },
    [
      panels(
        rows.flatMap((row) =>
          (["heads", "refits"] as const).map((kind) => ({
            title: `${row.arch}: ${KINDS[kind].title}`,
            picture: depthChart(row, canvasOf(PANEL), kind),
          })),
        ),
        true,
      ),
    ],
  );
}

/** The numbers behind the figure. */
export function depthData(rows: readonly DepthRow[]): ChartRows {
  return {
    columns: ["configuration", "tapName", ...COLUMNS.flatMap(({ name }) => csvNames(name))],
    rows: rowsBehind(rows, (values) => values.flatMap(intervalCells)),
  };
}

const COLUMNS = [
  { name: "learnedComplexity", title: "learned complexity (%)" },
  { name: "frozenComplexity", title: "heads on the frozen trunk (%)" },
  { name: "capacity", title: "capacity (%)" },
  { name: "frozenCapacity", title: "frozen trunk's capacity (%)" },
  { name: "countsNull", title: "null: counts (%)" },
  { name: "leveragesNull", title: "null: leverages (%) · declared" },
] as const;

/** @param write the cells of a configuration's numbers at a tap, in the order of the columns. */
function rowsBehind<T>(
  rows: readonly DepthRow[],
  write: (values: (Interval | null)[]) => T[],
): (string | T)[][] {
  return rows.flatMap((row) =>
    row.trained.flatMap(({ regs, heads, frozenHeads, byTap, frozen, leverages }) =>
      row.taps.map((tap, i) => {
        const all = [heads, frozenHeads, byTap, frozen, row.counts, leverages];
        return [`${row.arch} ${regs}`, tap, ...write(all.map((values) => values[i] ?? null))];
      }),
    ),
  );
}

const CAPTION =
  "Taps are where the network's features are read. Heads: what those trained alongside learned of their random labels at each. Refits: ridge regression of redraws, labellings " +
  "that no head met, on the final features. 0 % is chance, 100 % every label. Dashed lines and hollow squares are the trunk before " +
  "training (a line for each configuration, in its colour, where seeds differ), so the distance to it is what training added or took away; heads on it stand at the last tap alone. Dotted is the null, " +
  "what points without structure give, of the features' width, a hollow diamond the null of their leverages: a line below its diamonds has fewer labels right than clouds " +
  "with the features' spectrum and leverages. Each panel has its own scale.";

const LEGEND: readonly LegendEntry[] = [
  { sign: { kind: "line", color: "var(--ink)", dash: null, width: 2 }, text: "network" },
  {
    sign: { kind: "line", color: "var(--faint)", dash: "6 3", width: 2 },
    text: "frozen trunk",
  },
  {
    sign: { kind: "dot", symbol: "square", color: "var(--ink)", hollow: true },
    text: "heads on the frozen trunk",
  },
  {
    sign: { kind: "line", color: "var(--faint)", dash: "1 4", width: 2 },
    text: "null: counts",
  },
  {
    sign: { kind: "dot", symbol: "diamond2", color: "var(--ink)", hollow: true },
    text: "null: leverages, declared",
  },
];

/** What heads learned, or what refits get right. */
type DepthKind = "heads" | "refits";
const KINDS = {
  heads: { title: "heads", label: "Learned complexity" },
  refits: { title: "refits", label: "Capacity" },
} as const;

function naming(row: DepthRow, kind: DepthKind) {
  const said = depthLines(row, kind)
    .filter(({ label, points }) => label !== "" && points.length > 0)
    .map(
      ({ label, points }) =>
        `${label}: ${points.map(({ tap, mean }) => `${tap} ${percent(mean)} %`).join(", ")}.`,
    );
  return {
    label: `${KINDS[kind].label} by depth of ${row.arch}`,
    description: said.join(" ") || "Nothing was measured.",
    role: "img" as const,
  };
}

/** Shares; `low` and `high` bound the 95 % interval. */
interface DepthPoint {
  tap: string;
  mean: number;
  low: number;
  high: number;
}

interface DepthLine extends LineEnd {
  dash: string | null;
  width: number;
  /** Points that no line joins. */
  hollow: boolean;
  points: DepthPoint[];
}

const FROZEN = { color: "var(--faint)", dash: "6 3", width: 2, hollow: false } as const;
const NULL = { color: "var(--faint)", dash: "1 4", width: 2, hollow: false } as const;

/** The controls first, so that the configurations are drawn over them. */
function depthLines(row: DepthRow, kind: DepthKind): DepthLine[] {
  const ownColor = (regs: string) => ({
    color: colorOf(regs),
    dash: null,
    width: 2,
    hollow: false,
  });
  if (kind === "heads")
    return [
      // Heads on the frozen trunk see the views that the configuration trains on, so each has its own.
      ...row.trained.map(({ regs, frozenHeads }, i) =>
        lineOf(i === 0 ? "frozen" : "", frozenHeads, row, { ...ownColor(regs), hollow: true }),
      ),
      ...row.trained.map(({ regs, heads }) => lineOf(regs, heads, row, ownColor(regs))),
    ];
  return [
    lineOf("null", row.counts, row, NULL),
    ...frozenLines(row),
    ...row.trained.map(({ regs, byTap }) => lineOf(regs, byTap, row, ownColor(regs))),
  ];
}

/** One line where all configurations have the same trunks; with unequal seeds one of each, in its colour. */
function frozenLines(row: DepthRow): DepthLine[] {
  const different = new Set(row.trained.map(({ frozen }) => JSON.stringify(frozen)));
  const [first] = row.trained;
  if (different.size === 1) return [lineOf("frozen", first!.frozen, row, FROZEN)];
  return row.trained.map(({ regs, frozen }, i) =>
    lineOf(i === 0 ? "frozen" : "", frozen, row, { ...FROZEN, color: colorOf(regs) }),
  );
}

const colorOf = (regs: string) => FAMILIES[regularizerFamily(regs)].color;

function lineOf(
  label: string,
  byTap: readonly (Interval | null)[],
  row: DepthRow,
  style: Pick<DepthLine, "color" | "dash" | "width" | "hollow">,
): DepthLine {
  const points = pointsOf(byTap, row);
  return { label, points, y: points.at(-1)?.mean ?? 0, ...style };
}

function pointsOf(byTap: readonly (Interval | null)[], { taps }: DepthRow): DepthPoint[] {
  return byTap.flatMap((interval, i) => {
    if (interval === null) return [];
    const [low, high] = ends(interval);
    return { tap: taps[i] ?? String(i + 1), mean: interval.mean, low, high };
  });
}
