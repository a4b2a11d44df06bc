/** @file The board of measures: bars of how well each orders the gap, and a scatter for each. */

import type { MeasuresDocument } from "../../../record/documents/entry-document.ts";
import { html } from "../../charts/element.ts";
import { measureBarsFigure } from "../../charts/measure-bars.ts";
import { measureScattersFigure } from "../../charts/measure-scatters.ts";
import { measureTitle } from "../../view/measures/measure-title.ts";
import { ordered, orderedSentence } from "../../view/measures/ordered-measures.ts";

export function measures(document: Document, { measures }: MeasuresDocument): HTMLElement {
  const el = html.bind(null, document);
  const rows = ordered(measures).map((each) => ({ ...each, title: measureTitle(each) }));
  const scatters = rows.filter(({ tau }) => tau !== null);
  return el(
    "div",
    { class: "measures" },
    el("p", { class: "lead" }, orderedSentence(rows)),
    measureBarsFigure(rows, document),
    scatters.length === 0 ? null : el("h2", {}, "Each measure against the gap"),
    scatters.length === 0 ? null : measureScattersFigure(scatters, document),
  );
}
