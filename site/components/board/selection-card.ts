/** @file What is known of the point that is selected in the chart. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { html } from "../../charts/element.ts";
import { stateBadge } from "../../lib/state-badge.ts";
import { findColumn } from "../../view/board/board-columns.ts";
import { entryAddress } from "../../view/entry-address.ts";

const SHOWN = ["complexity", "gap", "testAccuracy", "trainAccuracy", "params", "seeds"] as const;

/** @param row null while nothing is selected. */
export function selectionCard(
  document: Document,
  row: BoardRow | null,
  newestBuilt: string | null,
): HTMLElement {
  const el = html.bind(null, document);
  if (row === null)
    return el(
      "p",
      { class: "faint hint" },
      "Select a point to see its numbers here and its row in the table.",
    );
  const facts = SHOWN.map((id) => {
    const column = findColumn(id)!;
    const { text, help } = column.cell(row);
    return el("div", {}, el("dt", {}, column.title), el("dd", { title: help }, text));
  });
  return el(
    "div",
    { class: "card" },
    el("p", { class: "title" }, `${row.arch} ${row.regs}`),
    el("p", {}, stateBadge(document, row.standing)),
    el("dl", { class: "facts" }, ...facts),
    el(
      "p",
      { class: "buttons" },
      el(
        "a",
        { class: "button", href: entryAddress(row, newestBuilt), "data-focus": "open" },
        "Open the entry",
      ),
      el(
        "button",
        { type: "button", class: "button", "data-choose": row.entry, "data-focus": "choose" },
        "Compare",
      ),
    ),
  );
}
