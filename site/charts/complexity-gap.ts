/** @file The main chart: learned complexity, capacity or what stands for it against generalization gap. A map, not a race. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { csvNames } from "../../record/csv.ts";
import {
  FAMILIES,
  type SymbolName,
  architectureFamily,
  architectureShape,
  regularizerFamily,
} from "./families.ts";
import { type ChartRows, type LegendEntry, bothWidths, figure, intervalCells } from "./figure.ts";
import { MAP_AXES, type MapAxis, axisLabel, axisText } from "./map-axes.ts";
import {
  type ComplexityGapRow,
  MAP_MARGINS,
  MOST_MARKED,
  type MapScale,
  type Placed,
  isCustom,
  placedOn,
  pointText,
} from "./map-points.ts";
import { pointCloud } from "./point-cloud.ts";
import { widthText } from "./capacity-words.ts";
import { MANY, type MapPoint, OUTLINED, intervalBars, mapPoint, pointNames } from "./map-marks.ts";
import { count, decimal, percentInterval } from "./numbers.ts";
import { type Canvas, GRID, drawPlot, paddedDomain, percentTick } from "./plot.ts";

interface MapView {
  /** What lies from left to right. */
  axis?: MapAxis;
  /** Does that axis show powers? Numbers that are not above zero have no place on it then. */
  isLog?: boolean;
  /** Rows of the reference, drawn as outlines behind the others. */
  outlined?: readonly ComplexityGapRow[];
  /** Height as a share of the width. */
  shape?: number;
}

const SIGN = { "at most": "≤ ", "at least": "≥ " };

/**
 * One point a row, 95 % intervals both ways, colour = family of regularizer, shape = family of architecture. Of more than
 * `MOST_MARKED` rows all are drawn, but one alone is a mark of its own: `placeOnMap` finds the others.
 */
export function complexityGapChart(
  rows: readonly ComplexityGapRow[],
  canvas: Canvas,
  { axis = "learnedComplexity", isLog = false, outlined = [], shape = 0.62 }: MapView = {},
): SVGElement {
  const points = drawnPoints(rows, axis, isLog);
  const behind = drawnPoints(outlined, axis, isLog);
  const all = named([...points, ...behind], points.length);
  const scale = mapScale(all, axis, isLog);
  const height = Math.round(Math.max(270, canvas.width * shape));
  const isCrowd = points.length > MOST_MARKED;
  const tip = (row: Placed) => pointText(axis, row);
  const svg = drawPlot(canvas, naming(axis, points, behind), {
    height,
    ...MAP_MARGINS,
    ...scalesOf(scale, axis, canvas.width > 500),
    marks: [
      ...grid(scale, canvas.width > 500),
      ...outlinedPoints(behind, (row) => `reference: ${tip(row)}`),
      ...(isCrowd ? [pointCloud(points)] : intervalBars(points, points.length > MANY ? 0.2 : 0.75)),
      markedPoints(isCrowd ? points.slice(0, 1) : points, tip),
      ...(isCrowd ? [] : customRings(points)),
      ...pointNames(isCrowd ? all.filter(({ label }) => label !== "") : all),
      ...(all.length === 0 ? [nothingHere(axis)] : []),
    ],
  });
  svg.setAttribute("data-scale", JSON.stringify(scale, shortened));
  oneStop(svg);
  return svg;
}

/** More than any picture has pixels. */
const shortened = (_name: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(9)) : value;

type DrawnPoint = Placed & MapPoint & { color: string; symbol: SymbolName };

function drawnPoints(
  rows: readonly ComplexityGapRow[],
  axis: MapAxis,
  isLog: boolean,
): DrawnPoint[] {
  return rows.flatMap((row) => {
    const placed = placedOn(axis, row, isLog);
    if (placed === null) return [];
    const color = FAMILIES[regularizerFamily(row.regs)].color;
    const place = mapPoint(placed.horizontal, placed.gap);
    if (isLog) place.x1 = Math.max(place.x1, place.x / LEAST_FACTOR);
    return [{ ...placed, ...place, color, symbol: architectureShape(row.arch) }];
  });
}

/** An interval that reaches near zero would be most of a scale of powers: it is cut at this part of its mean. */
const LEAST_FACTOR = 4;

/** Of points named alike the first has the name; of a crowd networks without a regularizer have theirs. */
function named(points: readonly DrawnPoint[], own: number): NamedPoint[] {
  const isSeveral = new Set(points.map(({ arch }) => arch)).size > 1;
  const seen = new Set<string>();
  return points.map((point, i) => {
    const { arch, regs, bound } = point;
    const name = (bound === null ? "" : SIGN[bound]) + (isSeveral ? `${arch} ${regs}` : regs);
    const isLeft = seen.has(name) || (i < own && own > MOST_MARKED && regs !== "none");
    seen.add(name);
    return { ...point, label: isLeft ? "" : name, isOwn: i < own };
  });
}

type NamedPoint = DrawnPoint & {
  /** Empty for one that has none. */
  label: string;
  /** False for the reference's. */
  isOwn: boolean;
};

function mapScale(points: readonly MapPoint[], axis: MapAxis, isLog: boolean): MapScale {
  const isShare = MAP_AXES[axis].unit === "%";
  const across = points.flatMap(({ x1, x2 }) => [x1, x2]);
  const y = widened(paddedDomain(points.flatMap(({ y1, y2 }) => [y1, y2])), LEAST_SPAN);
  if (isLog) {
    const [low, high] =
      across.length === 0 ? [0.01, 1] : [Math.min(...across), Math.max(...across)];
    return { x: [low / 1.3, high * 1.3], y, isLog };
  }
  if (across.length === 0 && !isShare) return { x: [0, 100], y, isLog };
  const x = paddedDomain(across);
  return { x: isShare ? widened(x, LEAST_SPAN) : x, y, isLog };
}

/** The shortest axis of a share: one from 61 to 63 % would make noise look like an effect. */
const LEAST_SPAN = 0.2;

function widened([low, high]: [number, number], span: number): [number, number] {
  const room = (span - (high - low)) / 2;
  if (room <= 0) return [low, high];
  const from = low >= 0 ? Math.max(0, low - room) : low - room;
  return [from, from + span];
}

function scalesOf({ x, y, isLog }: MapScale, axis: MapAxis, isWide: boolean): Plot.PlotOptions {
  const isShare = MAP_AXES[axis].unit === "%";
  const ticks = isLog ? powerTicks(x) : isWide ? 8 : 4;
  return {
    x: {
      domain: x,
      label: axisLabel(axis),
      tickFormat: isShare ? shareTick : widthTick,
      ticks,
      ...(isLog && { type: "log" as const }),
    },
    y: { domain: y, label: "Generalization gap (points)", tickFormat: percentTick, ticks: 6 },
  };
}

function grid({ x, isLog }: MapScale, isWide: boolean): Plot.Markish[] {
  const ticks = isLog ? powerTicks(x) : isWide ? 8 : 4;
  return [Plot.gridX({ ...GRID, ticks }), Plot.gridY({ ...GRID, ticks: 6 })];
}

/** 1, 2, 5, 10, 20, …; tens alone over more than three decades. */
function powerTicks([low, high]: MapScale["x"]): number[] {
  const decades = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  const steps = high / low > 1000 ? [1] : [1, 2, 5];
  const all = decades.flatMap((power) => steps.map((step) => Number(`${step}e${power}`)));
  return all.filter((tick) => tick >= low && tick <= high);
}

function markedPoints(points: readonly DrawnPoint[], tip: (row: Placed) => string): Plot.Markish {
  return Plot.dot(points, {
    x: "x",
    y: "y",
    r: 5.5,
    fill: "color",
    symbol: "symbol",
    stroke: "var(--paper)",
    strokeWidth: 1,
    title: tip,
    ...(points.some(({ href }) => href !== null) && { href: "href", ariaLabel: tip }),
  });
}

/** The Tab key stops at one point; the page's script leads on from there by the arrow keys. */
function oneStop(svg: SVGElement): void {
  const links = [...svg.querySelectorAll("a")];
  const first = links.find((link) => link.closest(`.${OUTLINED}`) === null) ?? links[0];
  for (const link of links) link.setAttribute("tabindex", link === first ? "0" : "-1");
}

/** By their class a page hides them without drawing the map anew. */
function outlinedPoints(
  points: readonly DrawnPoint[],
  title: (row: Placed) => string,
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

/** Of its colour and shape everybody knows what they stand for; of code that its author alone knows, a ring says so. */
function customRings(points: readonly DrawnPoint[]): Plot.Markish[] {
  const custom = points.filter(isCustom);
  if (custom.length === 0) return [];
  return [Plot.dot(custom, { x: "x", y: "y", r: 9, ...RING, ariaHidden: "true" })];
}

const RING = { stroke: "var(--ink)", strokeWidth: 1.2 } as const;

/** Two digits are enough for ticks, and scales of powers begin far below one percent. */
const shareTick = (share: number): string =>
  String(Number((100 * share).toPrecision(2))).replace("-", "−");

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

/** Points that a description lists; nobody listens to more in one go, and each point says its own name and numbers. */
const LISTED = 30;

function naming(axis: MapAxis, placed: readonly Placed[], behind: readonly Placed[]) {
  const said =
    placed.length > LISTED
      ? [`${count(placed.length)} configurations; the table has their numbers.`]
      : placed.map(
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

/** What shapes, colours and rings stand for. @param isOutlined are any of them the reference's? */
export function mapLegend(
  rows: readonly { arch: string; regs: string }[],
  isOutlined = false,
): LegendEntry[] {
  const families = new Set(rows.map(({ regs }) => regularizerFamily(regs)));
  const shapes = new Map(
    rows.map(({ arch }) => [architectureFamily(arch), architectureShape(arch)] as const),
  );
  return [
    ...Array.from(shapes)
      .filter(([family]) => family !== "")
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([text, symbol]): LegendEntry => ({
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
