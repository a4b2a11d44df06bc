/** @file What happened to an entry, oldest first, each step with its leaf in the log. */

import type { Standing } from "../../../record/board/standing.ts";
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
    el("ol", { class: "timeline" }, ...items),
    el("p", { class: "faint" }, ledger(entry.row.standing.challenges)),
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

/** How many of the challenges begun were completed. */
function ledger({ byKey, byAnybody }: Standing["challenges"]): string {
  if (byAnybody.issued === 0)
    return "Nobody has asked for a challenge of this configuration: it was trained on public seeds alone.";
  return (
    `Challenges of this configuration: ${byKey.completed} of ${byKey.issued} completed by the holder of this key, ` +
    `${byAnybody.completed} of ${byAnybody.issued} by anybody. Challenges that were begun and not completed ` +
    "are how a lucky pick would show."
  );
}
