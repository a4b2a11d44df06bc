/** @file A board's table. Without a script it is complete; with one its headings sort and its cells explain themselves. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import type { VNode } from "preact";
import { type Attributes, type Child, h } from "../../markup/element.ts";
import { plural, shortDigest } from "../../charts/numbers.ts";
import { type BoardColumn, findColumn } from "../../data/table-columns.ts";
import { type BoardView, isHidden } from "../../data/board-view.ts";
import { rowAnchor } from "../../data/board-model.ts";
import { stateBadge } from "../base/state-badge.ts";
import { entryAddress } from "../../data/entry-address.ts";

export interface TableParts {
  caption: string;
  rows: readonly BoardRow[];
  view: BoardView;
  /** See `entryAddress`. */
  newestBuilt: string | null;
  /** Entries that have just arrived. */
  fresh: ReadonlySet<string>;
  /** Whether a script answers headings and boxes. */
  live: boolean;
}

export function boardTable(parts: TableParts): VNode {
  const { view, rows, caption } = parts;
  const columns = view.columns.map((id) => findColumn(id)!);
  const compare = h("th", { scope: "col", class: "choose" }, h("span", HIDDEN_TEXT, "Compare"));
  return h(
    "div",
    {
      class: "scroll board-scroll",
      role: "region",
      tabindex: 0,
      "aria-label": caption,
      "data-focus": "table",
    },
    h(
      "table",
      { class: "board" },
      h("caption", HIDDEN_TEXT, `${caption}: ${plural(rows.length, "row")}`),
      h("thead", {}, h("tr", {}, compare, ...columns.map((column) => heading(column, parts)))),
      h("tbody", {}, ...rows.map((row) => bodyRow(row, columns, parts))),
    ),
  );
}

const HIDDEN_TEXT: Attributes = { class: "visually-hidden" };

function heading(
  { id, title, help, numeric, control }: BoardColumn,
  { view, live }: TableParts,
): VNode {
  const sorted = view.sort === id ? view.order : null;
  if (id === "tier") return h("th", { key: id, scope: "col", class: "number", title: help }, title);
  const kind = [numeric ? "number" : "", id === "entry" ? "entry" : ""].filter(Boolean).join(" ");
  const name = control ? `${title} · control` : title;
  return h(
    "th",
    { key: id, scope: "col", class: kind || null, "aria-sort": sorted },
    h(
      "button",
      {
        type: "button",
        title: help,
        "data-sort": id,
        "data-focus": `sort-${id}`,
        disabled: !live,
      },
      name,
    ),
  );
}

function bodyRow(row: BoardRow, columns: readonly BoardColumn[], parts: TableParts): VNode {
  const { entry } = row;
  const isSelected = parts.view.selected === entry;
  const kind = [
    isSelected ? "selected" : "",
    parts.fresh.has(entry) ? "new" : "",
    isHidden(row) ? "void" : "",
  ];
  return h(
    "tr",
    {
      key: entry,
      id: rowAnchor(entry),
      class: kind.filter(Boolean).join(" ") || null,
      "data-entry": entry,
      "aria-current": isSelected ? "true" : null,
    },
    h("td", { class: "choose" }, chooser(row, parts)),
    ...columns.map((column) => boardCell(column, row, parts)),
  );
}

function chooser(row: BoardRow, { view, live }: TableParts): VNode {
  return h("input", {
    type: "checkbox",
    "data-compare": row.entry,
    "data-focus": `compare-${row.entry}`,
    "aria-label": `Compare ${row.arch} ${row.regs}`,
    checked: view.compare.includes(row.entry),
    disabled: !live,
  });
}

interface Surroundings {
  newestBuilt: string | null;
}

/** The entry's own cell names the row. */
function boardCell(column: BoardColumn, row: BoardRow, { newestBuilt }: Surroundings): VNode {
  const { id, numeric } = column;
  if (id === "entry") return h("th", { key: id, scope: "row" }, ...entryName(row, newestBuilt));
  const { text, help } = column.cell(row);
  const title = id === "state" ? null : help;
  return h("td", { key: id, class: numeric ? "number" : null, title }, ...content(id, row, text));
}

function content(id: string, row: BoardRow, text: string): Child[] {
  if (id === "state") return [stateBadge(row.standing), ...notes(row)];
  if ((id === "arch" || id === "regs") && row[id].includes("custom:"))
    return [h("span", { class: "regs" }, text), " ", h("span", { class: "tag" }, "custom code")];
  if (id === "regs" && row.regs !== "none") return [h("span", { class: "regs" }, text)];
  if (id === "regs") return [text, " ", h("span", { class: "tag" }, "baseline")];
  return [text];
}

function entryName(row: BoardRow, newestBuilt: string | null): Child[] {
  const { entry, signer } = row;
  const address = entryAddress(row, newestBuilt);
  const title = `Entry ${entry}, signed by ${signer.key}`;
  return [
    h("a", { href: address, class: "digest", title }, shortDigest(entry)),
    h("bdi", { class: "signer" }, signer.name ?? "unnamed key"),
  ];
}

function notes({ entry, notes }: BoardRow): Child[] {
  if (notes.length === 0) return [];
  const said = notes.map(({ text }) => text).join(" ");
  const label = plural(notes.length, "note");
  return [" ", h("span", { class: "tag", title: said, "data-notes": entry }, label)];
}
