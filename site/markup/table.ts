/** @file Tables of the site and of the report, each in a region that scrolls by itself; tables.css has their looks. */

import type { VNode } from "preact";
import { type Child, h } from "./element.ts";

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

type Row = readonly (Cell | string)[];

/** The first cell of each row names the row. */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[]): VNode {
  return h(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    h(
      "table",
      {},
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, columns.map(heading))),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            row.map((cell, i) => cellOf(cell, i, columns[i])),
          ),
        ),
      ),
    ),
  );
}

function heading({ title, numeric, help }: Column): VNode {
  return h(
    "th",
    { scope: "col", class: numeric ? "number" : null },
    help === undefined ? title : h("abbr", { title: help }, title),
  );
}

function cellOf(given: Cell | string, place: number, column: Column | undefined): VNode {
  const { content, order = null }: Cell = typeof given === "string" ? { content: given } : given;
  const attributes = { class: column?.numeric ? "number" : null, "data-order": order };
  return place === 0
    ? h("th", { scope: "row", ...attributes }, content)
    : h("td", attributes, content);
}

/** What ± stands for, said below every table that has one. */
export const PLUS_MINUS_HELP =
  "± is half the width of the 95 % t-interval over seeds; a mean without it comes from a single seed, or is the same in all.";

/** Null for a table whose cells of plain text have no ±; cells that are elements are not searched. */
export function plusMinusNote(rows: readonly Row[]): VNode | null {
  const isTold = rows.flat().some((cell) => String(textOf(cell)).includes("±"));
  return isTold ? h("p", { class: "faint small" }, PLUS_MINUS_HELP) : null;
}

const textOf = (cell: Cell | string): unknown => (typeof cell === "string" ? cell : cell.content);
