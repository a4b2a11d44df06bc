/** @file What happened to an entry, oldest first, each step with its leaf in the log. */

import type { EntryDocument } from "../../../record/documents/entry-document.ts";
import { type Child, html } from "../../charts/element.ts";
import { minute } from "../../lib/dates.ts";
import { shortDigest } from "../../lib/digests.ts";
import { count } from "../../lib/numbers.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";

export function timeline(document: Document, { entry }: EntryModel): HTMLElement {
  const el = html.bind(null, document);
  const items = entry.events.map(({ at, kind, text, digest, index }) =>
    el(
      "li",
      { class: [kind, verdictOf(entry, digest)].join(" ").trim() },
      el("time", { datetime: at }, minute(at)),
      el("p", {}, ...words(document, kind, text)),
      el(
        "p",
        { class: "faint small" },
        `Leaf ${count(index)} of the log, `,
        el("code", { title: digest }, shortDigest(digest)),
      ),
    ),
  );
  return el(
    "section",
    { "aria-labelledby": "provenance" },
    el("h2", { id: "provenance" }, "Provenance"),
    ...(entry.totals.events > items.length ? [left(document, entry)] : []),
    el("ol", { class: "timeline" }, ...items),
  );
}

/** A reason behind its colon is its signer's, and may run from right to left. */
function words(document: Document, kind: string, text: string): Child[] {
  const colon = kind === "retracted" || kind === "moderated" ? text.indexOf(": ") + 2 : 0;
  if (colon < 2) return [text];
  return [text.slice(0, colon), html(document, "bdi", {}, text.slice(colon))];
}

/** Of the reproduction that an event tells of; empty for any other event. */
function verdictOf({ reproductions }: EntryDocument, digest: string): string {
  return reproductions.find(({ id }) => id === digest)?.verdict ?? "";
}

/** Between how the entry came and the newest of what was said of it. */
function left(document: Document, { row, events, totals }: EntryDocument): HTMLElement {
  const el = html.bind(null, document);
  return el(
    "p",
    { class: "faint" },
    `How it came, and the newest of what came later: ${events.length} of ${totals.events} steps. `,
    el("a", { href: `/v1/log/entries?entry=${row.entry}` }, "The log"),
    " has all of them.",
  );
}
