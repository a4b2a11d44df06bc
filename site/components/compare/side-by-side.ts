/** @file A column for each entry, a line for each number. */

import type { ComparisonDocument } from "../../../record/documents/entry-document.ts";
import { html } from "../../charts/element.ts";
import { type Cell, table } from "../../charts/table.ts";
import { shortDigest } from "../../lib/digests.ts";
import { stateBadge } from "../../lib/state-badge.ts";
import { BOARD_COLUMNS } from "../../view/board/board-columns.ts";
import { letter } from "../../view/compare/comparison-words.ts";

export function sideBySide(
  document: Document,
  { rows, protocol }: ComparisonDocument,
): HTMLElement {
  const lines = BOARD_COLUMNS.filter(({ id }) => id !== "tier" && id !== "entry");
  return table(
    document,
    `Entries of ${protocol.name}`,
    [
      { title: "Quantity" },
      ...rows.map((row, i) => ({ title: `${letter(i)}: ${row.arch} ${row.regs}` })),
    ],
    [
      ["Entry", ...rows.map((row): Cell => ({ content: link(document, row) }))],
      ...lines.map(({ id, title, ...column }) => [
        title,
        ...rows.map((row): Cell => {
          if (id === "state") return { content: stateBadge(document, row.standing) };
          const { text, help } = column.cell(row);
          return { content: html(document, "span", { title: help }, text) };
        }),
      ]),
    ],
  );
}

function link(document: Document, { entry, signer }: ComparisonDocument["rows"][number]) {
  const address = `/entries/?id=${entry}`;
  const name = signer.name === null ? null : html(document, "bdi", {}, signer.name);
  return html(document, "a", { href: address }, shortDigest(entry), name && " by ", name);
}
