/** @file A chart with its title, what to see in it, its legend and the table behind it. */

import { html } from "./element.ts";
import { legend, type LegendEntry } from "./legend.ts";
import type { Canvas } from "./plot.ts";
import { plusMinusNote } from "./plus-minus.ts";
import { table, type Cell, type Column } from "./table.ts";

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
export const WIDE = 800;
export const NARROW = 340;

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
