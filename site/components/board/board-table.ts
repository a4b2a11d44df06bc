/** @file A board's table. Without a script it is complete; with one its headings sort and its cells explain themselves. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { type Attributes, type Child, html } from "../../charts/element.ts";
import { plural, shortDigest } from "../../charts/numbers.ts";
import { type BoardColumn, findColumn } from "../../data/board-columns.ts";
import { type BoardView, isHidden } from "../../data/board-view.ts";
import { rowAnchor } from "../../data/board-model.ts";
import { stateBadge } from "../../data/state-badge.ts";
import { entryAddress } from "../../data/entry-address.ts";

export interface TableParts {
  caption: string;
  rows: readonly BoardRow[];
  view: BoardView;
  /** See `entryAddress`. */
  newestBuilt: string | null;
  /** Entries that have just arrived. */
  fresh: ReadonlySet<string>;
  /** Does a script stand behind headings and boxes? */
  live: boolean;
}

export function boardTable(document: Document, parts: TableParts): HTMLElement {
  const el = html.bind(null, document);
  const { view, rows, caption } = parts;
  const columns = view.columns.map((id) => findColumn(id)!);
  const compare = el("th", { scope: "col", class: "choose" }, el("span", HIDDEN_TEXT, "Compare"));
  return el(
    "div",
    {
      class: "scroll board-scroll",
      role: "region",
      tabindex: 0,
      "aria-label": caption,
      "data-focus": "table",
    },
    el(
      "table",
      { class: "board" },
      el("caption", HIDDEN_TEXT, `${caption}: ${plural(rows.length, "row")}`),
      el(
        "thead",
        {},
        el("tr", {}, compare, ...columns.map((column) => heading(document, column, parts))),
      ),
      el("tbody", {}, ...rows.map((row) => bodyRow(document, row, columns, parts))),
    ),
  );
}

const HIDDEN_TEXT: Attributes = { class: "visually-hidden" };

function heading(
  document: Document,
  { id, title, help, numeric, control }: BoardColumn,
  { view, live }: TableParts,
): HTMLElement {
  const sorted = view.sort === id ? view.order : null;
  if (id === "tier")
    return html(document, "th", { scope: "col", class: "number", title: help }, title);
  const kind = [numeric ? "number" : "", id === "entry" ? "entry" : ""].filter(Boolean).join(" ");
  const name = control ? `${title} · control` : title;
  return html(
    document,
    "th",
    { scope: "col", class: kind || null, "aria-sort": sorted },
    html(
      document,
      "button",
      {
        type: "button",
        title: help,
        "data-sort": id,
        "data-focus": `sort-${id}`,
        disabled: live ? null : true,
      },
      name,
    ),
  );
}

function bodyRow(
  document: Document,
  row: BoardRow,
  columns: readonly BoardColumn[],
  parts: TableParts,
): HTMLElement {
  const { entry } = row;
  const isSelected = parts.view.selected === entry;
  const kind = [
    isSelected ? "selected" : "",
    parts.fresh.has(entry) ? "new" : "",
    isHidden(row) ? "void" : "",
  ];
  return html(
    document,
    "tr",
    {
      id: rowAnchor(entry),
      class: kind.filter(Boolean).join(" ") || null,
      "data-entry": entry,
      "aria-current": isSelected ? "true" : null,
    },
    html(document, "td", { class: "choose" }, chooser(document, row, parts)),
    ...columns.map((column) => boardCell(document, column, row, parts)),
  );
}

function chooser(document: Document, row: BoardRow, { view, live }: TableParts): HTMLElement {
  return html(document, "input", {
    type: "checkbox",
    "data-compare": row.entry,
    "data-focus": `compare-${row.entry}`,
    "aria-label": `Compare ${row.arch} ${row.regs}`,
    checked: view.compare.includes(row.entry) ? true : null,
    disabled: live ? null : true,
  });
}

interface Surroundings {
  newestBuilt: string | null;
}

/** The entry's own cell names the row. */
function boardCell(
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
