/** @file One cell of a board's table: a text, a link or a badge, with what it means in its title. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { type Child, html } from "../../charts/element.ts";
import { shortDigest } from "../../lib/digests.ts";
import { plural } from "../../lib/numbers.ts";
import { stateBadge } from "../../lib/state-badge.ts";
import type { BoardColumn } from "../../view/board/board-column.ts";
import { entryAddress } from "../../view/entry-address.ts";

interface Surroundings {
  newestBuilt: string | null;
}

/** The entry's own cell names the row. */
export function boardCell(
  document: Document,
  column: BoardColumn,
  row: BoardRow,
  { newestBuilt }: Surroundings,
): HTMLElement {
  const { id, numeric } = column;
  if (id === "entry")
    return html(document, "th", { scope: "row" }, ...entryName(document, row, newestBuilt));
  const { text, help } = column.cell(row);
  const attributes = { class: numeric ? "number" : null, title: id === "state" ? null : help };
  return html(document, "td", attributes, ...content(document, id, row, text));
}

function content(document: Document, id: string, row: BoardRow, text: string): Child[] {
  if (id === "state") return [stateBadge(document, row.standing), ...notes(document, row)];
  if (id === "regs" && row.regs !== "none")
    return [html(document, "span", { class: "regs" }, text)];
  if (id === "regs") return [text, " ", html(document, "span", { class: "tag" }, "baseline")];
  return [text];
}

function entryName(document: Document, row: BoardRow, newestBuilt: string | null): Child[] {
  const { entry, signer } = row;
  const address = entryAddress(row, newestBuilt);
  const title = `Entry ${entry}, signed by ${signer.key}`;
  return [
    html(document, "a", { href: address, class: "digest", title }, shortDigest(entry)),
    html(document, "bdi", { class: "signer" }, signer.name ?? "unnamed key"),
  ];
}

function notes(document: Document, { entry, notes }: BoardRow): Child[] {
  if (notes.length === 0) return [];
  const said = notes.map(({ text }) => text).join(" ");
  const label = plural(notes.length, "note");
  return [" ", html(document, "span", { class: "tag", title: said, "data-notes": entry }, label)];
}
