/** @file The parts of a board's page, each drawn by itself; the map, which needs the chart library, stands apart. */

import { type Attributes, type Child, html } from "../../charts/element.ts";
import type { BoardModel } from "../../data/board-model.ts";
import type { BoardView } from "../../data/board-view.ts";
import { type ShownRows, shownRows } from "../../data/shown-rows.ts";
import { type TableParts, boardTable } from "./board-table.ts";
import type { BoardPage, BoardRow } from "../../../record/board/board-row.ts";
import { MOST_COMPARED } from "../../../record/most-compared.ts";
import { count, shortDigest } from "../../charts/numbers.ts";
import { compareAddress, entryAddress } from "../../data/entry-address.ts";
import type { State } from "../../../record/board/standing.ts";
import { FAMILIES, regularizerFamily } from "../../charts/families.ts";
import { STATE_HELP } from "../../data/states.ts";
import { BOARD_COLUMNS, findColumn } from "../../data/board-columns.ts";
import { stateBadge } from "../../data/state-badge.ts";

export interface Drawing {
  model: BoardModel;
  view: BoardView;
  newestBuilt: string | null;
  fresh: ReadonlySet<string>;
  live: boolean;
}

/** Names of the parts, in the order in which they stand. */
export const PARTS = [
  "sentences",
  "selection",
  "hidden",
  "count",
  "table",
  "pager",
  "tray",
] as const;

export type Part = (typeof PARTS)[number];

/** Parts of one drawing show the same rows. */
const shownIn = new WeakMap<Drawing, ShownRows>();

function shownOf(drawing: Drawing): ShownRows {
  const shown = shownIn.get(drawing) ?? shownRows(drawing.model, drawing.view);
  shownIn.set(drawing, shown);
  return shown;
}

/** One part as it should be now; null for nothing to show. */
export function boardPart(document: Document, part: Part, drawing: Drawing): Child {
  const { model, view, newestBuilt } = drawing;
  const shown = shownOf(drawing);
  switch (part) {
    case "sentences":
      return sentences(document, model.sentences);
    case "selection": {
      const row = model.rows.find(({ entry }) => entry === view.selected) ?? null;
      return model.rows.length === 0 ? null : selectionCard(document, row, newestBuilt);
    }
    case "hidden":
      return hiddenRows(document, model.hidden, view);
    case "count":
      return rowCount(document, shown);
    case "table":
      return shown.rows.length === 0 && shown.found > 0
        ? html(document, "p", { class: "faint", role: "status" }, "The rest is on its way.")
        : boardTable(document, tableParts(drawing, shown.rows));
    case "pager":
      return pager(document, shown, drawing.live);
    case "tray":
      return compareTray(document, view.compare, model.rows);
  }
}

function tableParts(drawing: Drawing, rows: TableParts["rows"]): TableParts {
  const { view, newestBuilt, fresh, live, model } = drawing;
  return { caption: `Entries of ${model.protocol.name}`, rows, view, newestBuilt, fresh, live };
}

function sentences(document: Document, said: readonly string[]): HTMLElement | null {
  if (said.length === 0) return null;
  const [first, ...others] = said.map((sentence) => html(document, "li", {}, sentence));
  const more =
    others.length === 0
      ? null
      : html(
          document,
          "details",
          { class: "more" },
          html(
            document,
            "summary",
            { "data-focus": "sentences" },
            `What the tests allow to be said of the others (${others.length})`,
          ),
          html(document, "ul", {}, ...others),
        );
  return html(
    document,
    "div",
    { class: "said" },
    html(document, "p", { class: "lead" }, first!.textContent),
    more,
  );
}

const SHOWN = ["complexity", "gap", "testAccuracy", "trainAccuracy", "params", "seeds"] as const;

/** @param row null while nothing is selected. */
function selectionCard(
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

const FORMATS = [
  ["markdown", "Markdown"],
  ["latex", "LaTeX"],
  ["bibtex", "BibTeX"],
  ["csv", "CSV"],
] as const;

/** Above and below the table: how many rows, how many are hidden, pages, copies. */
export type CopyFormat = (typeof FORMATS)[number][0];

/** `24 of 300 entries` */
function rowCount(document: Document, { found, all }: ShownRows): HTMLElement {
  const text = found === all ? entries(all) : `${count(found)} of ${entries(all)}`;
  return html(document, "p", { class: "count", role: "status" }, text);
}

const entries = (number: number) => `${count(number)} ${number === 1 ? "entry" : "entries"}`;

/** Null when nothing is hidden. */
function hiddenRows(
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
function pager(document: Document, { page, pages }: ShownRows, live: boolean): HTMLElement | null {
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

/** Null while nothing is chosen. */
function compareTray(
  document: Document,
  chosen: readonly string[],
  rows: readonly BoardRow[],
): HTMLElement | null {
  if (chosen.length === 0) return null;
  const items = chosen.map((entry) => {
    const row = rows.find((each) => each.entry === entry);
    const name = row ? `${row.arch} ${row.regs}` : shortDigest(entry);
    const remove = html(
      document,
      "button",
      {
        type: "button",
        "data-drop": entry,
        "data-focus": `drop-${entry}`,
        "aria-label": `Remove ${name}`,
      },
      "×",
    );
    return html(document, "li", {}, html(document, "span", { title: name }, name), remove);
  });
  return html(
    document,
    "section",
    { class: "tray", "aria-label": "Chosen for comparison" },
    html(document, "ul", {}, ...items),
    chosen.length >= 2
      ? html(
          document,
          "a",
          { class: "button primary", href: compareAddress(chosen), "data-focus": "compare" },
          `Compare these ${chosen.length}`,
        )
      : html(document, "p", { class: "faint" }, `Choose another one, up to ${MOST_COMPARED}.`),
    html(
      document,
      "button",
      { type: "button", class: "button", "data-action": "clear", "data-focus": "clear" },
      "Clear",
    ),
  );
}

/** @param rows all of the board: they decide what can be chosen. */
export function boardControls(
  document: Document,
  rows: readonly BoardRow[],
  view: BoardView,
  live: boolean,
): HTMLElement {
  const archs = [...new Set(rows.map(({ arch }) => arch))].sort();
  const found = new Set(rows.map(({ regs }) => regularizerFamily(regs)));
  const families = Object.entries(FAMILIES).filter(([family]) => found.has(family as never));
  const states = (Object.keys(STATE_HELP) as State[]).filter((state) =>
    rows.some(({ standing }) => standing.state === state),
  );
  const pick = chooserWithLabel.bind(null, document, live);
  const columns = BOARD_COLUMNS.filter(({ id }) => id !== "entry");
  return html(
    document,
    "form",
    { class: "controls", role: "search", "aria-label": "Filter the table and the map" },
    search(document, view, live),
    pick(
      "arch",
      "Architecture",
      archs.map((arch) => [arch, arch]),
      view.archs,
    ),
    pick(
      "family",
      "Regularizers",
      families.map(([id, { label }]) => [id, label]),
      view.families,
    ),
    pick(
      "state",
      "State",
      states.map((state) => [state, state]),
      view.states,
    ),
    pick(
      "columns",
      "Columns",
      columns.map(({ id, title }) => [id, title]),
      view.columns,
    ),
    html(document, "button", button("reset", live), "Reset"),
  );
}

const button = (action: string, live: boolean): Attributes => ({
  type: "button",
  class: "button",
  "data-action": action,
  "data-focus": action,
  disabled: live ? null : true,
});

function search(document: Document, { text }: BoardView, live: boolean): HTMLElement {
  return html(
    document,
    "label",
    { class: "search" },
    html(document, "span", { class: "visually-hidden" }, "Words that rows must have"),
    html(document, "input", {
      type: "search",
      name: "q",
      value: text,
      maxlength: 200,
      placeholder: "Search: mlp dropout, a name, a digest",
      autocomplete: "off",
      spellcheck: "false",
      disabled: live ? null : true,
    }),
  );
}

function chooserWithLabel(
  document: Document,
  live: boolean,
  name: string,
  title: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: readonly string[],
): HTMLElement {
  const boxes = options.map(([value, text]): Child => {
    const checked = chosen.includes(value) ? true : null;
    const disabled = live ? null : true;
    const box = html(document, "input", {
      ...{ type: "checkbox", name, value, checked, disabled },
      "data-focus": `${name}-${value}`,
    });
    return html(document, "label", {}, box, text);
  });
  const isActive = name !== "columns" && chosen.length > 0;
  return html(
    document,
    "details",
    { class: "chooser", name: "chooser" },
    html(
      document,
      "summary",
      { "data-focus": `chooser-${name}`, "data-title": title },
      isActive ? `${title} (${chosen.length})` : title,
    ),
    html(document, "div", { class: "options", role: "group", "aria-label": title }, ...boxes),
  );
}
