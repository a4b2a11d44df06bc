/** @file The entries chosen for a comparison, two to five of them. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { MOST_COMPARED } from "../../../record/most-compared.ts";
import { html } from "../../charts/element.ts";
import { shortDigest } from "../../lib/digests.ts";
import { compareAddress } from "../../view/entry-address.ts";

/** Null while nothing is chosen. */
export function compareTray(
  document: Document,
  chosen: readonly string[],
  rows: readonly BoardRow[],
): HTMLElement | null {
  if (chosen.length === 0) return null;
  const items = chosen.map((entry) => {
    const row = rows.find((each) => each.entry === entry);
    const name = row ? `${row.arch} ${row.regs}` : shortDigest(entry);
    const remove = html(
      document,
      "button",
      {
        type: "button",
        "data-drop": entry,
        "data-focus": `drop-${entry}`,
        "aria-label": `Remove ${name}`,
      },
      "×",
    );
    return html(document, "li", {}, html(document, "span", { title: name }, name), remove);
  });
  return html(
    document,
    "section",
    { class: "tray", "aria-label": "Chosen for comparison" },
    html(document, "ul", {}, ...items),
    chosen.length >= 2
      ? html(
          document,
          "a",
          { class: "button primary", href: compareAddress(chosen), "data-focus": "compare" },
          `Compare these ${chosen.length}`,
        )
      : html(document, "p", { class: "faint" }, `Choose another one, up to ${MOST_COMPARED}.`),
    html(
      document,
      "button",
      { type: "button", class: "button", "data-action": "clear", "data-focus": "clear" },
      "Clear",
    ),
  );
}
