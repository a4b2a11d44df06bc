/** @file The main chart: learned complexity, capacity or equivalent width against generalization gap. A map, not a race. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { csvNames } from "../../record/csv.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { FAMILIES, architectureSymbols, regularizerFamily } from "./families.ts";
import { type ChartRows, type LegendEntry, bothWidths, figure, intervalCells } from "./figure.ts";
import { MAP_AXES, type MapAxis, axisLabel, axisText } from "./map-axes.ts";
import { widthText } from "./capacity-words.ts";
import { decimal, ends, percentInterval } from "./numbers.ts";
import {
  type Box,
  type Canvas,
  GRID,
  drawPlot,
  paddedDomain,
  percentTick,
  placeLabels,
} from "./plot.ts";

export interface ComplexityGapRow {
  arch: string;
  /** Canonical regularizers. */
  regs: string;
  /** A null keeps the row off the charts of that axis. Of the first two, 0 is chance and 1 everything. */
  learnedComplexity: Interval | null;
  capacity: Interval | null;
  /** In features. */
  equivalentWidth: Interval | null;
  /** What the width is where it is a bound only; `unknown`, bounds of both kinds, keeps the row off its chart. */
  equivalentWidthBound: "at most" | "at least" | "unknown" | null;
  /** Train minus test accuracy, as a share. */
  gap: Interval | null;
  /** A gap alone misleads: who learns nothing has none. */
  testAccuracy: Interval | null;
  /** Completed seeds. */
  seeds: number;
  /** Where a click on the point leads; null for nowhere. */
  href: string | null;
}

interface Placed extends ComplexityGapRow {
  horizontal: Interval;
  bound: "at most" | "at least" | null;
  gap: Interval;
}

/** Bars of more points than this are a carpet that hides them. */
const MANY = 100;

/** The row with its numbers on these axes; null where it has no place. */
export function placedOn(axis: MapAxis, row: ComplexityGapRow): Placed | null {
  const { [axis]: horizontal, gap, equivalentWidthBound } = row;
  const bound = axis === "equivalentWidth" ? equivalentWidthBound : null;
  return horizontal === null || gap === null || bound === "unknown"
    ? null
    : { ...row, horizontal, bound, gap };
}

const SIGN = { "at most": "≤ ", "at least": "≥ " };

/**
 * One point a row, 95 % intervals both ways, colour = family of regularizer, shape = architecture.
 *
 * @param architectures see `mapLegend`. @param axis what lies from left to right. @param outlined rows of the reference,
 *   behind the others and without a filling.
 */
export function complexityGapChart(
  rows: readonly ComplexityGapRow[],
  canvas: Canvas,
  architectures: readonly string[] = rows.map(({ arch }) => arch),
  axis: MapAxis = "learnedComplexity",
  outlined: readonly ComplexityGapRow[] = [],
): SVGElement {
  const placed = rows.flatMap((row) => placedOn(axis, row) ?? []);
  const symbols = architectureSymbols(architectures);
  const drawnPoint = (row: Placed) => ({
    ...row,
    ...mapPoint(row.horizontal, row.gap),
    label:
      (row.bound === null ? "" : SIGN[row.bound]) +
      (symbols.size > 1 && canvas.width > 500 ? `${row.arch} ${row.regs}` : row.regs),
    color: FAMILIES[regularizerFamily(row.regs)].color,
    symbol: symbols.get(row.arch)!,
  });
  const points = placed.map(drawnPoint);
  const behind = outlined.flatMap((row) => placedOn(axis, row) ?? []).map(drawnPoint);
  const all = [...points, ...behind];
  const xTicks = canvas.width > 500 ? 8 : 4;
  const isShare = MAP_AXES[axis].unit === "%";
  const tip = (row: Placed) => tipText(axis, row);
  return drawPlot(canvas, naming(axis, placed, behind), {
    height: Math.round(Math.max(300, canvas.width * 0.62)),
    marginLeft: 44,
    marginBottom: 42,
    marginTop: 28,
    marginRight: 16,
    x: {
      domain:
        all.length === 0 && !isShare
          ? [0, 100]
          : paddedDomain(all.flatMap(({ x1, x2 }) => [x1, x2])),
      label: axisLabel(axis),
      tickFormat: isShare ? percentTick : widthTick,
      ticks: xTicks,
    },
    y: {
      domain: paddedDomain(all.flatMap(({ y1, y2 }) => [y1, y2])),
      label: "Generalization gap (points)",
      tickFormat: percentTick,
      ticks: 6,
    },
    marks: [
      Plot.gridX({ ...GRID, ticks: xTicks }),
      Plot.gridY({ ...GRID, ticks: 6 }),
      ...outlinedPoints(behind, (row) => `reference: ${tip(row)}`),
      ...intervalBars(points, points.length > MANY ? 0.2 : 0.75),
      Plot.dot(points, {
        x: "x",
        y: "y",
        r: 5.5,
        fill: "color",
        symbol: "symbol",
        stroke: "var(--paper)",
        strokeWidth: 1,
        title: tip,
        ...(points.some(({ href }) => href !== null) && { href: "href", ariaLabel: tip }),
      }),
      ...customRings(points),
      pointLabels(all, 0, points.length),
      ...(behind.length > 0 ? [pointLabels(all, points.length, all.length, OUTLINED)] : []),
      ...(all.length === 0 ? [nothingHere(axis)] : []),
    ],
  });
}

/** By their class a page hides them without drawing the map anew. */
function outlinedPoints<Point extends Placed & Drawn>(
  points: readonly Point[],
  title: (row: Point) => string,
): Plot.Markish[] {
  if (points.length === 0) return [];
  const shape = { x: "x", y: "y", r: 5, symbol: "symbol", stroke: "color", strokeWidth: 1.5 };
  const filling = { fill: "var(--paper)", fillOpacity: 0.6 };
  const link = points.some(({ href }) => href !== null) && { href: "href", ariaLabel: title };
  return [
    ...intervalBars(points, points.length > MANY ? 0.1 : 0.3, OUTLINED),
    Plot.dot(points, { ...shape, ...filling, title, ...link, className: OUTLINED }),
  ];
}

const OUTLINED = "outlined";

type Drawn = MapPoint & { color: string };

/** Of its colour and shape everybody knows what they stand for; of code that its author alone knows, a ring says so. */
function customRings(points: readonly (Placed & { x?: number })[]): Plot.Markish[] {
  const custom = points.filter(isCustom);
  if (custom.length === 0) return [];
  return [Plot.dot(custom, { x: "x", y: "y", r: 9, ...RING, ariaHidden: "true" })];
}

const RING = { stroke: "var(--ink)", strokeWidth: 1.2 } as const;

const isCustom = ({ arch, regs }: { arch: string; regs: string }) =>
  `${arch},${regs}`.includes("custom:");

const widthTick = (width: number): string => decimal(width, Number.isInteger(width) ? 0 : 1);

/** In the middle of an empty frame. */
function nothingHere(axis: MapAxis): Plot.Markish {
  const text = `No ${MAP_AXES[axis].title.toLowerCase()} to show here.`;
  return Plot.text([text], { frameAnchor: "middle", fill: "var(--faint)", fontSize: 13 });
}

/** The chart with caption, legend and table. */
export function complexityGapFigure(rows: readonly ComplexityGapRow[]): VNode {
  return figure(
    {
      title: "Learned complexity and generalization gap",
      caption:
        "Each point is one configuration; its bars are 95 % intervals over seeds. Further right, the " +
        "heads trained alongside the network learned more of their random labels (0 % = chance, 100 % = every one " +
        "fitted). Further up, it loses more between training and test images. Look for what moves together and what " +
        "does not: a point further left is not a better network. Capacity, in the table, is what the final features " +
        "allow; equivalent widths compare at one n and one number of samples only.",
      legend: mapLegend(rows),
      columns: [
        { title: "configuration" },
        { title: "learned complexity (%)", numeric: true },
        { title: "capacity (%)", numeric: true },
        { title: "equivalent width (features)", numeric: true },
        { title: "gap (points)", numeric: true },
        { title: "test accuracy (%)", numeric: true },
        { title: "seeds", numeric: true },
      ],
      rows: rows.map((row) => [
        `${row.arch} ${row.regs}`,
        percentInterval(row.learnedComplexity),
        percentInterval(row.capacity),
        widthText(row),
        percentInterval(row.gap),
        percentInterval(row.testAccuracy),
        String(row.seeds),
      ]),
    },
    bothWidths((canvas) => complexityGapChart(rows, canvas)),
  );
}

/** The numbers behind the figure. */
export function complexityGapData(rows: readonly ComplexityGapRow[]): ChartRows {
  const numbers = [
    "learnedComplexity",
    "capacity",
    "equivalentWidth",
    "gap",
    "testAccuracy",
  ] as const;
  return {
    columns: ["arch", "regs", ...numbers.flatMap(csvNames), "equivalentWidthBound", "completed"],
    rows: rows.map((row) => [
      ...[row.arch, row.regs],
      ...numbers.flatMap((name) => intervalCells(row[name])),
      ...[row.equivalentWidthBound, row.seeds],
    ]),
  };
}

function tipText(
  axis: MapAxis,
  { arch, regs, horizontal, bound, gap, testAccuracy, seeds }: Placed,
): string {
  return [
    `${arch}, ${regs}`,
    ...(isCustom({ arch, regs }) ? ["custom code, which nobody checked"] : []),
    axisText(axis, horizontal, bound),
    `gap ${percentInterval(gap)} points`,
    `test accuracy ${percentInterval(testAccuracy)} %`,
    `${seeds} ${seeds === 1 ? "seed" : "seeds"}`,
  ].join("\n");
}

function naming(axis: MapAxis, placed: readonly Placed[], behind: readonly Placed[]) {
  const said = placed.map(
    ({ arch, regs, horizontal, bound, gap }) =>
      `${arch} ${regs}: ${axisText(axis, horizontal, bound)}, gap ${percentInterval(gap)} points.`,
  );
  if (behind.length > 0) said.push(`Outlined: ${behind.length} of the reference.`);
  const { title, one } = MAP_AXES[axis];
  return {
    label: `Scatter plot of ${title.toLowerCase()} against generalization gap`,
    description: said.join(" ") || `No configuration has ${one} and a gap yet.`,
    role: [...placed, ...behind].some(({ href }) => href !== null)
      ? ("group" as const)
      : ("img" as const),
  };
}

/** x is the horizontal number, y the other, and the numbered ones the ends of their 95 % intervals. */
interface MapPoint {
  x: number;
  x1: number;
  x2: number;
  y: number;
  y1: number;
  y2: number;
}

export function mapPoint(horizontal: Interval, vertical: Interval): MapPoint {
  const [[x1, x2], [y1, y2]] = [ends(horizontal), ends(vertical)];
  return { x: horizontal.mean, x1, x2, y: vertical.mean, y1, y2 };
}

/** A cross of both intervals through each point that has them, in the point's colour. */
export function intervalBars(
  points: readonly (MapPoint & { color: string })[],
  strokeOpacity: number,
  className?: string,
): Plot.Markish[] {
  const known = points.filter(({ x1, x2, y1, y2 }) => x1 < x2 || y1 < y2);
  const named = className !== undefined && { className };
  const style = { stroke: "color", strokeWidth: 1.5, strokeOpacity, ...named };
  return [
    Plot.ruleY(known, { y: "y", x1: "x1", x2: "x2", ...style }),
    Plot.ruleX(known, { x: "x", y1: "y1", y2: "y2", ...style }),
  ];
}

/**
 * Text beside each point; a name that would cover a point or another name is left out.
 *
 * @param points all that names keep clear of; those from `start` up to `end` are named.
 */
export function pointLabels(
  points: readonly (MapPoint & { label: string })[],
  start = 0,
  end = points.length,
  className?: string,
): Plot.Markish {
  return Plot.text(points, {
    text: "label",
    textAnchor: "start",
    fontSize: 11,
    fill: "var(--ink)",
    stroke: "var(--paper)",
    strokeWidth: 3,
    ...(className !== undefined && { className }),
    ...placed(points, (i) => i >= start && i < end),
  });
}

/** Runs when Plot has its scales: only then are there pixels. */
function placed(
  points: readonly (MapPoint & { label: string })[],
  isNamed: (i: number) => boolean,
): Plot.TextOptions {
  return Plot.initializer({}, (_data, facets, _channels, scales, dimensions) => {
    const x = scales.x as unknown as (value: number) => number;
    const y = scales.y as unknown as (value: number) => number;
    const { width, height, marginLeft, marginBottom } = dimensions;
    const frame = { left: marginLeft + 2, right: width, top: 0, bottom: height - marginBottom };
    const anchors = points.map((point) => ({ x: x(point.x), y: y(point.y), text: point.label }));
    const bars = points.flatMap((point): Box[] => [
      box(x(point.x1), x(point.x2), y(point.y), y(point.y)),
      box(x(point.x), x(point.x), y(point.y1), y(point.y2)),
    ]);
    const places = placeLabels(anchors, frame, bars);
    const isShown = (i: number) => isNamed(i) && places[i] !== null;
    return {
      facets: facets.map((facet) => Array.from(facet).filter(isShown)),
      channels: {
        x: { value: places.map((place) => place?.x ?? NaN) },
        y: { value: places.map((place) => place?.y ?? NaN) },
      },
    };
  });
}

function box(left: number, right: number, bottom: number, top: number): Box {
  return { left, right, top: top - 1, bottom: bottom + 1 };
}

/** @param architectures that share the shapes out, of which `rows` may have some alone. @param isOutlined are any of them? */
export function mapLegend(
  rows: readonly { arch: string; regs: string }[],
  architectures: readonly string[] = rows.map(({ arch }) => arch),
  isOutlined = false,
): LegendEntry[] {
  const families = new Set(rows.map(({ regs }) => regularizerFamily(regs)));
  const here = new Set(rows.map(({ arch }) => arch));
  const symbols = [...architectureSymbols(architectures)].filter(([arch]) => here.has(arch));
  return [
    ...symbols.map(([text, symbol]): LegendEntry => ({
      sign: { kind: "dot", symbol, color: "currentColor", hollow: true },
      text,
    })),
    ...Object.entries(FAMILIES)
      .filter(([family]) => families.has(family as keyof typeof FAMILIES))
      .map(([, { label, color }]): LegendEntry => ({
        sign: { kind: "dot", symbol: "circle", color },
        text: label,
      })),
    ...(rows.some(isCustom) ? [CUSTOM_LEGEND] : []),
    ...(isOutlined ? [OUTLINED_LEGEND] : []),
  ];
}

const OUTLINED_LEGEND: LegendEntry = {
  sign: { kind: "dot", symbol: "circle", color: "var(--faint)", hollow: true },
  text: "outlined: the reference, of another log",
};

const CUSTOM_LEGEND: LegendEntry = {
  sign: { kind: "dot", symbol: "circle", color: "var(--ink)", hollow: true },
  text: "ringed: custom code, which nobody checked",
};
