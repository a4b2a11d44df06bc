/** @file The table behind a chart. */

import { html, type Child } from "./element.ts";

export interface Column {
  title: string;
  /** Numbers go right. */
  numeric?: true;
  /** Longer explanation, shown on hover and read out. */
  help?: string;
}

/** A cell; `order` is what a sort goes by, where the text is not. */
export interface Cell {
  content: Child;
  order?: number | null;
}

/** The first cell of each row names the row. */
export function table(
  document: Document,
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
): HTMLElement {
  const el = html.bind(null, document);
  const titles = columns.map(({ title, numeric, help }) =>
    el(
      "th",
      { scope: "col", class: numeric ? "number" : null },
      help === undefined ? title : el("abbr", { title: help }, title),
    ),
  );
  return el(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    el(
      "table",
      {},
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...titles)),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...cells(document, columns, row)))),
    ),
  );
}

function cells(
  document: Document,
  columns: readonly Column[],
  row: readonly (Cell | string)[],
): HTMLElement[] {
  return row.map((given, i) => {
    const cell: Cell = typeof given === "string" ? { content: given } : given;
    const attributes = {
      class: columns[i]?.numeric ? "number" : null,
      "data-order": cell.order ?? null,
    };
    return i === 0
      ? html(document, "th", { scope: "row", ...attributes }, cell.content)
      : html(document, "td", attributes, cell.content);
  });
}
