/** @file A chart with its title, what to see in it, its legend and the table behind it. */

import * as Plot from "@observablehq/plot";
import { type Cell, type Column, html, plusMinusNote, svg, table } from "./element.ts";
import { type Canvas, drawPlot } from "./plot.ts";
import type { SymbolName } from "./families.ts";

export interface FigureParts {
  title: string;
  /** What to see, in plain words. */
  caption: string;
  legend: readonly LegendEntry[];
  columns: readonly Column[];
  /** Of the table behind the chart; empty where the page shows these numbers beside it anyway. */
  rows: readonly (readonly (Cell | string)[])[];
}

/** Pixels at which a picture is drawn for a page and for a telephone. */
const WIDE = 800;

const NARROW = 340;

/** @param pictures elements to show, one after the other. */
export function figure(
  document: Document,
  parts: FigureParts,
  pictures: readonly Element[],
): HTMLElement {
  const el = html.bind(null, document);
  return el(
    "figure",
    { class: "chart" },
    el("figcaption", {}, el("p", { class: "title" }, parts.title), parts.caption),
    ...pictures,
    parts.legend.length > 0 ? legend(document, parts.legend) : null,
    parts.rows.length > 0 ? numbersBehind(document, "The numbers behind this chart", parts) : null,
  );
}

/** A table that unfolds, and what its ± stand for. */
export function numbersBehind(
  document: Document,
  summary: string,
  { title, columns, rows }: Pick<FigureParts, "title" | "columns" | "rows">,
): HTMLElement {
  return html(
    document,
    "details",
    { class: "behind" },
    html(document, "summary", {}, summary),
    table(document, title, columns, rows),
    plusMinusNote(document, rows),
  );
}

/** The same picture for a wide and for a narrow screen; charts.css shows one of them. */
export function bothWidths(document: Document, draw: (canvas: Canvas) => Element): HTMLElement[] {
  return [
    html(document, "div", { class: "wide" }, draw({ document, width: WIDE })),
    html(document, "div", { class: "narrow" }, draw({ document, width: NARROW })),
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

export function legend(document: Document, entries: readonly LegendEntry[]): HTMLElement {
  const items = entries.map(({ sign, text }) =>
    html(document, "li", {}, drawSign(document, sign), text),
  );
  return html(document, "ul", { class: "legend" }, ...items);
}

function drawSign(document: Document, sign: Sign): SVGElement {
  if (sign.kind === "dot") return drawDot(document, sign);
  const { color, dash, width } = sign;
  const stroke = { stroke: color, "stroke-dasharray": dash, "stroke-width": width };
  return svg(
    document,
    "svg",
    { width: 26, height: 12, viewBox: "0 0 26 12", "aria-hidden": "true" },
    svg(document, "line", { x1: 0, x2: 26, y1: 6, y2: 6, ...stroke }),
  );
}

/** Drawn by Plot, so that it is the same shape as in the chart. */
function drawDot(document: Document, sign: Sign & { kind: "dot" }): SVGElement {
  const { symbol, color, hollow } = sign;
  const paint = hollow ? { stroke: color, strokeWidth: 2 } : { fill: color };
  const naming = { label: "", description: "", role: "img" } as const;
  const picture = drawPlot({ document, width: 14 }, naming, {
    height: 14,
    margin: 0,
    axis: null,
    marks: [Plot.dot([0], { frameAnchor: "middle", symbol, r: 5, ...paint })],
  });
  for (const name of ["role", "aria-label", "class"]) picture.removeAttribute(name);
  picture.querySelector("desc")?.remove();
  picture.setAttribute("aria-hidden", "true");
  return picture;
}
