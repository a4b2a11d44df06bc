/** @file Everything about one configuration: heads, controls, spectrum, raw counts of each seed. */

import type { Outcome } from "../../record/summary.ts";
import { html } from "../../site/charts/element.ts";
import { controlsTable, spectrumTable } from "./controls-table.ts";
import { headsTable } from "./heads-table.ts";
import { headCountsTable } from "./head-counts-table.ts";
import type { Study } from "./study.ts";
import type { Trained } from "./trained.ts";

/** A closed section a configuration; those without a finished run are left out. */
export function details(study: Study, document: Document): HTMLElement {
  const el = html.bind(null, document);
  const sections = study.configurations.map((trained, i) =>
    trained.outcome === null ? null : section(trained, trained.outcome, i, document),
  );
  return el(
    "section",
    {},
    el("h2", {}, "Each configuration in full"),
    el(
      "p",
      {},
      "Random-label accuracy of every head, its built-in negative control (labels it never met, which it can " +
        "only guess), the controls beside it, and the counts that all of it is computed from. Bits and spectrum " +
        "are declared: nobody can recompute them from counts.",
    ),
    ...sections,
  );
}

function section(
  { folder, runs }: Trained,
  outcome: Outcome,
  index: number,
  document: Document,
): HTMLElement {
  const { arch, regs } = outcome;
  return html(
    document,
    "details",
    { class: "configuration", id: `details-${index + 1}` },
    html(document, "summary", {}, `${arch} ${regs}`),
    headsTable(outcome, document),
    outcome.summary.controls && controlsTable(outcome, outcome.summary.controls, document),
    outcome.summary.controls && spectrumTable(outcome, outcome.summary.controls, document),
    headCountsTable(outcome, runs, document),
    departures(folder.configuration, document),
  );
}

function departures(
  { limit, ablations, save }: Trained["folder"]["configuration"],
  document: Document,
): HTMLElement {
  const { headInput, headLayers, perClass } = ablations;
  const said = [
    limit === null ? "all epochs" : `cut off after ${limit} epochs`,
    `head input ${headInput}`,
    headLayers === 1 ? "heads of one layer" : `heads of ${headLayers} layers`,
    perClass ? "per-class heads" : "heads shared by all classes",
    save.length > 0 ? `saved: ${save.join(", ")}` : "no features saved",
  ];
  return html(document, "p", { class: "faint" }, `Trained with ${said.join(", ")}.`);
}
