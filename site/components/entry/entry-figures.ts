/** @file An entry's charts: over training, head by head, and by depth. */

import { depthFigure } from "../../charts/complexity-by-depth.ts";
import { html } from "../../charts/element.ts";
import { headCurvesFigure } from "../../charts/head-curves.ts";
import { learningCurvesFigure } from "../../charts/learning-curves.ts";
import { entryCurves, entryDepth, entryHeads } from "../../view/entry/entry-charts.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";

export function entryFigures(document: Document, model: EntryModel): HTMLElement {
  const [curves, depth, heads] = [entryCurves(model), entryDepth(model), entryHeads(model)];
  if (curves === null && depth === null)
    return html(document, "p", { class: "faint" }, "No run finished, so there is nothing to draw.");
  const figures = html(
    document,
    "div",
    { class: "two" },
    curves === null ? null : learningCurvesFigure([curves], document),
    depth === null
      ? html(
          document,
          "p",
          { class: "faint" },
          "Without the controls of every run there is nothing to draw by depth.",
        )
      : depthFigure([depth], document),
  );
  const byHead = heads === null ? null : headCurvesFigure(heads, document);
  return html(document, "div", { class: "figures" }, figures, byHead);
}
