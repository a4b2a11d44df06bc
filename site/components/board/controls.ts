/** @file What a visitor filters a board with; the same form at build, where it waits for its script. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import type { State } from "../../../record/board/standing.ts";
import { type Attributes, type Child, html } from "../../charts/element.ts";
import { FAMILIES, regularizerFamily } from "../../charts/families.ts";
import { STATE_HELP } from "../../lib/states.ts";
import { BOARD_COLUMNS } from "../../view/board/board-columns.ts";
import type { BoardView } from "../../view/board/board-view.ts";

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
  const pick = chooser.bind(null, document, live);
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

function chooser(
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
