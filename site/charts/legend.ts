/** @file What colours, shapes and dashes stand for, beside a chart. */

import * as Plot from "@observablehq/plot";
import { html, svg } from "./element.ts";
import type { SymbolName } from "./families.ts";
import { drawPlot } from "./plot.ts";

export type Sign =
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
