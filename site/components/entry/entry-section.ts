/** @file An entry's page, drawn at build, or by the island for an entry newer than that. */

import { type Child, html } from "../../charts/element.ts";
import { table } from "../../charts/table.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";
import { runTable } from "../../view/entry/run-rows.ts";
import { protocolFacts } from "../../view/protocol-facts.ts";
import { challengers } from "./challengers.ts";
import { bytes } from "./entry-bytes.ts";
import { challenge, check, command } from "./entry-evidence.ts";
import { entryHead } from "./entry-head.ts";
import { headline } from "./headline.ts";
import { reproductions } from "./reproductions.ts";
import { timeline } from "./timeline.ts";

/** @param drawn its charts, or what stands there until they are drawn: an island fetches the chart library late. */
export function entrySection(
  document: Document,
  model: EntryModel,
  drawn: readonly Child[],
): HTMLElement {
  const { row } = model.entry;
  return html(
    document,
    "article",
    { class: "entry", "data-entry": row.entry, "data-newest": row.receivedAt },
    entryHead(document, model),
    headline(document, model),
    check(document, model),
    timeline(document, model),
    challenge(document, model),
    challengers(document, model.entry),
    reproductions(document, model.entry),
    charts(document, drawn),
    runs(document, model),
    command(document, model),
    bytes(document, model),
  );
}

function charts(document: Document, drawn: readonly Child[]): HTMLElement {
  return html(
    document,
    "section",
    { "aria-labelledby": "charts" },
    html(document, "h2", { id: "charts" }, "Over training, and by depth"),
    html(document, "div", { "data-part": "charts" }, ...drawn),
  );
}

function runs(document: Document, { entry, runs }: EntryModel): HTMLElement | null {
  const facts = protocolFacts(entry.protocol.name);
  if (runs === null || facts === undefined) return null;
  const { columns, rows } = runTable(runs, facts.headline);
  return html(
    document,
    "section",
    { "aria-labelledby": "runs" },
    html(document, "h2", { id: "runs" }, "Runs as raw counts"),
    html(
      document,
      "p",
      { class: "faint" },
      "Every accuracy, gap and complexity above is computed from these counts, and from those of every epoch and " +
        "head in the JSON. Bits, effective rank and time are declared: no count shows them.",
    ),
    table(document, "One row a run; counts of random labels one for each draw", columns, rows),
  );
}
