/** @file A board's table. Without a script it is complete; with one its headings sort and its cells explain themselves. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { type Attributes, html } from "../../charts/element.ts";
import { plural } from "../../lib/numbers.ts";
import type { BoardColumn } from "../../view/board/board-column.ts";
import { findColumn } from "../../view/board/board-columns.ts";
import type { BoardView } from "../../view/board/board-view.ts";
import { isHidden } from "../../view/board/board-filter.ts";
import { rowAnchor } from "../../view/board/row-anchor.ts";
import { boardCell } from "./board-cell.ts";

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
