/** @file A board's table. Without a script it is complete; with one its headings sort and its cells explain themselves. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import type { VNode } from "preact";
import { type Attributes, type Child, h } from "../../markup/element.ts";
import { count, plural } from "../../charts/numbers.ts";
import { type BoardColumn, CONFIGURATION, findColumn } from "../../data/table-columns.ts";
import { type BoardView, isHidden } from "../../data/board-view.ts";
import { rowAnchor } from "../../data/board-model.ts";
import { stateBadge } from "../base/state-badge.ts";
import { type ReferenceGroup, referenceBadge } from "./reference-parts.ts";
import { entryAddress, referenceAddress } from "../../data/entry-address.ts";

export interface TableParts {
  caption: string;
  rows: readonly BoardRow[];
  view: BoardView;
  /** Entries that have just arrived. */
  fresh: ReadonlySet<string>;
  /** Whether a script answers headings and boxes. */
  live: boolean;
  reference: ReferenceGroup | null;
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
      h("caption", HIDDEN_TEXT, `${caption}${below(parts)}`),
      h("thead", {}, h("tr", {}, compare, ...columns.map((column) => heading(column, parts)))),
      h("tbody", {}, ...rows.map((row) => bodyRow(row, columns, parts))),
      parts.reference === null ? null : referenceBody(parts.reference, columns, parts),
    ),
  );
}

function referenceBody(
  group: ReferenceGroup,
  columns: readonly BoardColumn[],
  parts: TableParts,
): VNode {
  const attributes = { class: "reference", key: "reference" };
  if (group.rows === null)
    return h("tbody", { ...attributes, dangerouslySetInnerHTML: { __html: group.markup } });
  const { count: all, passing, rows, step } = group;
  const found = passing === all ? "" : `${count(passing)} of `;
  const shown = rows.length === passing ? "" : `, ${rows.length} of them shown`;
  const words = `The reference: ${found}${plural(all, "entry", "entries")}${shown}`;
  const title = h(
    "th",
    { scope: "rowgroup", colspan: columns.length },
    h("span", {}, words, ...(step === null ? [] : [". ", step])),
  );
  return h(
    "tbody",
    attributes,
    h("tr", { class: "group", key: "group" }, h("td", { class: "choose" }), title),
    ...rows.map((row) => referenceRow(row, columns, parts)),
  );
}

function referenceRow(
  row: BoardRow,
  columns: readonly BoardColumn[],
  { view: { selected } }: TableParts,
): VNode {
  const address = referenceAddress(row.entry);
  return h(
    "tr",
    rowAttributes(row.entry, row.entry === selected, ""),
    h("td", { class: "choose" }),
    ...columns.map((column) => {
      if (column.id === "tier") return h("td", { ...cellAttributes(column), title: NO_TIER }, "–");
      if (column.id === "state")
        return h("td", cellAttributes(column), ...referenceBadge(row.standing));
      return boardCell(column, row, address);
    }),
  );
}

const NO_TIER = "Not ranked: places are those of this board's own entries.";

function below({ rows, reference }: TableParts): string {
  if (rows.length === 0 && reference !== null) return "";
  return `: ${plural(rows.length, "row")}${reference === null ? "" : ", and the reference's below"}`;
}

const HIDDEN_TEXT: Attributes = { class: "visually-hidden" };

function heading(
  { id, title, help, numeric, control }: BoardColumn,
  { view, live }: TableParts,
): VNode {
  const sorted = view.sort === id ? view.order : null;
  if (id === "tier") return h("th", { key: id, scope: "col", class: "number", title: help }, title);
  const kind = [numeric ? "number" : "", id === CONFIGURATION ? id : ""].filter(Boolean).join(" ");
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
  const kind = [parts.fresh.has(entry) ? "new" : "", isHidden(row) ? "void" : ""];
  const address = entryAddress(row.entry);
  return h(
    "tr",
    rowAttributes(entry, parts.view.selected === entry, kind.join(" ")),
    h("td", { class: "choose" }, chooser(row, parts)),
    ...columns.map((column) => boardCell(column, row, address)),
  );
}

function rowAttributes(entry: string, isSelected: boolean, kind: string): Attributes {
  return {
    key: entry,
    id: rowAnchor(entry),
    class: `${isSelected ? "selected" : ""} ${kind}`.trim() || null,
    "data-entry": entry,
    "aria-current": isSelected ? "true" : null,
  };
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

/** The first cell names the row, and leads to the entry. @param address of its page. */
function boardCell(column: BoardColumn, row: BoardRow, address: string): VNode {
  const { id } = column;
  const { text, help } = column.cell(row);
  if (id === CONFIGURATION)
    return h("th", { key: id, scope: "row", title: help }, ...configuration(row, address));
  const title = id === "state" ? null : help;
  return h("td", { ...cellAttributes(column), title }, ...content(id, row, text));
}

/** Where a row is a card, its heading stands in each cell. */
function cellAttributes({ id, title, numeric }: BoardColumn): Attributes {
  return { key: id, class: numeric ? "number" : null, "data-title": title };
}

function configuration({ arch, regs, entry, custom }: BoardRow, address: string): Child[] {
  const name = [arch, " ", h("span", { class: "regs" }, regs)];
  const link = h("a", { href: address, title: `Entry ${entry}` }, ...name);
  return custom ? [link, " ", h("span", { class: "tag" }, "custom code")] : [link];
}

function content(id: string, row: BoardRow, text: string): Child[] {
  if (id === "state") return [stateBadge(row.standing), ...notes(row)];
  if (id === "entry") return signed(row);
  if (id === "arch" || id === "regs") return [h("span", { class: "regs" }, text)];
  return [text];
}

function signed({ entry, signer }: BoardRow): Child[] {
  return [
    h("span", { class: "digest" }, `${entry.slice(0, 8)}…`),
    " ",
    h("bdi", { class: "signer" }, signer.name ?? "unnamed key"),
  ];
}

function notes({ entry, notes }: BoardRow): Child[] {
  if (notes.length === 0) return [];
  const said = notes.map(({ text }) => text).join(" ");
  const label = plural(notes.length, "note");
  return [" ", h("span", { class: "tag", title: said, "data-notes": entry }, label)];
}
