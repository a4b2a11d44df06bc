/** @file The board of measures: bars of how well each orders the gap, and a scatter for each. */

import type { MeasuresDocument } from "../../../record/documents/measures-document.ts";
import { html } from "../../charts/element.ts";
import { legend } from "../../charts/legend.ts";
import { mapLegend } from "../../charts/map-legend.ts";
import { measureBarsFigure } from "../../charts/measure-bars.ts";
import { measureScatterChart } from "../../charts/measure-scatter.ts";
import { PANEL, panels } from "../../charts/panels.ts";
import { ordered, orderedSentence } from "../../view/measures/ordered-measures.ts";

export function measures(document: Document, { measures, entries }: MeasuresDocument): HTMLElement {
  const el = html.bind(null, document);
  const rows = ordered(measures);
  const scatters = rows.filter(({ tau }) => tau !== null);
  const all = scatters.flatMap(({ points }) => points);
  const architectures = all.map(({ arch }) => arch);
  return el(
    "div",
    { class: "measures" },
    el("p", { class: "lead" }, orderedSentence(rows, entries)),
    measureBarsFigure(rows, document),
    el("h2", {}, "Each measure against the gap"),
    legend(document, mapLegend(all)),
    panels(
      document,
      scatters.map(({ title, points }) => ({
        title,
        picture: measureScatterChart({ title, points, architectures }, { document, width: PANEL }),
      })),
    ),
  );
}
