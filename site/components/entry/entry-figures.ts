/** @file An entry's charts: over training, and by depth. */

import { depthFigure } from "../../charts/complexity-by-depth.ts";
import { html } from "../../charts/element.ts";
import { learningCurvesFigure } from "../../charts/learning-curves.ts";
import { entryCurves, entryDepth } from "../../view/entry/entry-charts.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";

export function entryFigures(document: Document, model: EntryModel): HTMLElement {
  const [curves, depth] = [entryCurves(model), entryDepth(model)];
  if (curves === null && depth === null)
    return html(document, "p", { class: "faint" }, "No run finished, so there is nothing to draw.");
  return html(
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
}
