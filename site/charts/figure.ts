/** @file A chart with its title, what to see in it, its legend and the table behind it. */

import * as Plot from "@observablehq/plot";
import type { VNode } from "preact";
import type { Value } from "../../record/csv.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { type Child, h } from "../markup/element.ts";
import { type Cell, type Column, plusMinusNote, table } from "../markup/table.ts";
import { type Canvas, canvasOf, drawPlot, picture } from "./plot.ts";
import type { SymbolName } from "./families.ts";

export interface FigureParts {
  title: string;
  /** What to see, in plain words. */
  caption: string;
  legend: readonly LegendEntry[];
  columns: readonly Column[];
  /** Rows of the table behind the chart; empty where the page already shows these numbers next to it. */
  rows: readonly (readonly (Cell | string)[])[];
}

/** The numbers behind a chart for another program: means and ends of intervals as shares, named as in docs/export.md. */
export interface ChartRows {
  columns: readonly string[];
  rows: readonly (readonly Value[])[];
}

/** In the order of `csvNames`; six digits, more than a picture shows, as a page holds them for each of its pictures. */
export function intervalCells(interval: Interval | null): Value[] {
  if (interval === null) return [null, null, null];
  const { mean, low, high } = interval;
  return [mean, low, high].map((value) => (value === null ? null : Number(value.toPrecision(6))));
}

/**
 * Pixels at which a picture is drawn for a page and for a telephone. The first is shown from 36rem up (charts.css), where it
 * has to be readable at three quarters of its size.
 */
const WIDE = 720;

const NARROW = 340;

/** @param pictures elements to show, one after the other. */
export function figure(parts: FigureParts, pictures: readonly Child[]): VNode {
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, h("p", { class: "title" }, parts.title), parts.caption),
    ...pictures,
    parts.legend.length > 0 ? legend(parts.legend) : null,
    parts.rows.length > 0 ? numbersBehind("The numbers behind this chart", parts) : null,
  );
}

/** A table that unfolds, and what ± stands for in it. */
export function numbersBehind(
  summary: string,
  { title, columns, rows }: Pick<FigureParts, "title" | "columns" | "rows">,
): VNode {
  return h(
    "details",
    { class: "behind" },
    h("summary", {}, summary),
    table(title, columns, rows),
    plusMinusNote(rows),
  );
}

/** The same picture for a wide and for a narrow screen; charts.css shows one of them. */
export function bothWidths(draw: (canvas: Canvas) => SVGElement): VNode[] {
  return [
    h("div", { class: "wide" }, picture(draw(canvasOf(WIDE)))),
    h("div", { class: "narrow" }, picture(draw(canvasOf(NARROW)))),
  ];
}

/** What colours, shapes and dashes stand for, beside a chart. */
type Sign =
  | { kind: "dot"; symbol: SymbolName; color: string; hollow?: true }
  | { kind: "line"; color: string; dash: string | null; width: number };

export interface LegendEntry {
  sign: Sign;
  text: string;
}

export function legend(entries: readonly LegendEntry[]): VNode {
  const items = entries.map(({ sign, text }) => h("li", {}, drawSign(sign), text));
  return h("ul", { class: "legend" }, ...items);
}

function drawSign(sign: Sign): VNode {
  if (sign.kind === "dot") return drawDot(sign);
  const { color, dash, width } = sign;
  const stroke = { stroke: color, "stroke-dasharray": dash, "stroke-width": width };
  return h(
    "svg",
    { width: 26, height: 12, viewBox: "0 0 26 12", "aria-hidden": "true" },
    h("line", { x1: 0, x2: 26, y1: 6, y2: 6, ...stroke }),
  );
}

/** Drawn by Plot, so that it is the same shape as in the chart. */
function drawDot(sign: Sign & { kind: "dot" }): VNode {
  const { symbol, color, hollow } = sign;
  const paint = hollow ? { stroke: color, strokeWidth: 2 } : { fill: color };
  const naming = { label: "", description: "", role: "img" } as const;
  const dot = drawPlot(canvasOf(14), naming, {
    height: 14,
    margin: 0,
    axis: null,
    marks: [Plot.dot([0], { frameAnchor: "middle", symbol, r: 5, ...paint })],
  });
  for (const name of ["role", "aria-label", "class"]) dot.removeAttribute(name);
  dot.querySelector("desc")?.remove();
  dot.setAttribute("aria-hidden", "true");
  return picture(dot);
}
