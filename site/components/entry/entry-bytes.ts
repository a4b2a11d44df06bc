/** @file The exact bytes of an entry, to be read here and to be kept. */

import { type Attributes, type Child, html } from "../../charts/element.ts";
import { count } from "../../lib/numbers.ts";
import { bibtex } from "../../view/copies/bibtex.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";

export function bytes(document: Document, model: EntryModel): HTMLElement {
  const el = html.bind(null, document);
  const { entry, envelope, proof } = model;
  const path = `/v1/entries/${entry.row.entry}`;
  const link = (href: string, text: string) => el("li", {}, el("a", { href }, text));
  return el(
    "section",
    { "aria-labelledby": "bytes" },
    el("h2", { id: "bytes" }, "The exact bytes"),
    el(
      "ul",
      { class: "links" },
      el("li", {}, el("a", download(entry.row.entry), "Envelope")),
      link(`${path}/proof`, "Inclusion proof"),
      link(`${path}/runs`, "Runs as JSON"),
      link(path, "Entry as JSON"),
      link(`/v1/badge/${entry.row.entry}.svg`, "Badge"),
    ),
    envelope === null ? null : wholeEnvelope(document, entry.row.entry, envelope),
    proof === null ? null : folded(document, "The inclusion proof", JSON.stringify(proof, null, 2)),
    folded(document, "Cite it", bibtex([entry.row], entry.protocol.name, "")),
  );
}

/** As many bytes as all else of the page: what unfolds is the beginning until the island has fetched the whole. */
function wholeEnvelope(
  document: Document,
  id: string,
  envelope: NonNullable<EntryModel["envelope"]>,
): HTMLElement {
  const details = folded(document, "The envelope", envelopeText(envelope));
  details.setAttribute("data-envelope", id);
  const whole = html(document, "a", download(id), "Download the whole");
  details.append(html(document, "p", { class: "faint small" }, whole));
  return details;
}

function download(id: string): Attributes {
  return { href: `/v1/entries/${id}/envelope`, download: `rademark-${id.slice(0, 12)}.json` };
}

/** The payload is long and base64; its beginning tells what it is. */
function envelopeText({ payload, ...rest }: NonNullable<EntryModel["envelope"]>): string {
  const shown =
    payload.length > 400
      ? `${payload.slice(0, 400)}… (${count(payload.length)} characters)`
      : payload;
  return JSON.stringify({ ...rest, payload: shown }, null, 2);
}

function folded(document: Document, title: string, text: string): HTMLElement {
  const el = html.bind(null, document);
  const pre: Child = el("pre", { tabindex: 0 }, el("code", {}, text));
  return el("details", { class: "behind" }, el("summary", {}, title), pre);
}
