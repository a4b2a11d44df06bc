/** @file Above and below the table: how many rows, how many are hidden, pages, copies. */

import type { BoardPage } from "../../../record/board/board-row.ts";
import { html } from "../../charts/element.ts";
import { count } from "../../lib/numbers.ts";
import type { BoardView } from "../../view/board/board-view.ts";
import type { ShownRows } from "../../view/board/shown-rows.ts";

const FORMATS = [
  ["markdown", "Markdown"],
  ["latex", "LaTeX"],
  ["bibtex", "BibTeX"],
  ["csv", "CSV"],
] as const;
export type CopyFormat = (typeof FORMATS)[number][0];

/** `24 of 300 entries` */
export function rowCount(document: Document, { found, all }: ShownRows): HTMLElement {
  const text = found === all ? entries(all) : `${count(found)} of ${entries(all)}`;
  return html(document, "p", { class: "count", role: "status" }, text);
}

const entries = (number: number) => `${count(number)} ${number === 1 ? "entry" : "entries"}`;

/** Null when nothing is hidden. */
export function hiddenRows(
  document: Document,
  hidden: BoardPage["hidden"],
  view: BoardView,
): HTMLElement | null {
  const parts = Object.entries(hidden).filter(([, number]) => number > 0);
  const total = parts.reduce((sum, [, number]) => sum + number, 0);
  if (total === 0) return null;
  const said = parts.map(([state, number]) => `${count(number)} ${state}`).join(", ");
  const words = total === 1 ? "row is" : "rows are";
  const action = view.hidden ? "Hide them" : total === 1 ? "Show it" : "Show them";
  return html(
    document,
    "p",
    { class: "hidden-rows" },
    view.hidden ? `Shown as well: ${said}. ` : `${count(total)} ${words} hidden: ${said}. `,
    html(
      document,
      "button",
      { type: "button", class: "link", "data-action": "hidden", "data-focus": "hidden" },
      action,
    ),
  );
}

export function copyBar(document: Document, live: boolean): HTMLElement {
  const buttons = FORMATS.map(([format, name]) =>
    html(
      document,
      "button",
      {
        type: "button",
        class: "button",
        "data-copy": format,
        "data-focus": `copy-${format}`,
        disabled: live ? null : true,
      },
      name,
    ),
  );
  const label = html(document, "span", { class: "faint" }, "Copy this view as");
  return html(document, "div", { class: "copies" }, label, ...buttons);
}

/** Null when one page holds everything. @param live does a script stand behind the buttons? */
export function pager(
  document: Document,
  { page, pages }: ShownRows,
  live: boolean,
): HTMLElement | null {
  if (pages === 1) return null;
  const step = (to: number, text: string) =>
    html(
      document,
      "button",
      {
        type: "button",
        class: "button",
        "data-page": to,
        "data-focus": `page-${text}`,
        disabled: !live || to < 1 || to > pages ? true : null,
      },
      text,
    );
  return html(
    document,
    "nav",
    { class: "pager", "aria-label": "Pages of the table" },
    step(page - 1, "Previous"),
    html(document, "span", {}, `Page ${count(page)} of ${count(pages)}`),
    step(page + 1, "Next"),
  );
}

/** For those whom no button helps. @param name of the protocol. */
export function withoutScript(
  document: Document,
  { rows, found }: ShownRows,
  name: string,
): HTMLElement {
  const shown =
    rows.length < found ? `Of ${entries(found)} the first ${rows.length} are shown. ` : "";
  const link = html(document, "a", { href: `/boards/${name}/rows.csv` }, "All rows as CSV");
  return html(document, "noscript", {}, html(document, "p", {}, shown, link));
}
