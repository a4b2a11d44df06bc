/** @file The parts of a board's page, each drawn by itself; the map, which needs the chart library, stands apart. */

import type { VNode } from "preact";
import { type Attributes, type Child, h } from "../../markup/element.ts";
import type { BoardModel } from "../../data/board-model.ts";
import { type BoardView, isHidden } from "../../data/board-view.ts";
import { rankableDistance } from "../../../record/statistics/rank-intervals.ts";
import { type ShownRows, shownReference, shownRows } from "../../data/shown-rows.ts";
import { type TableParts, boardTable } from "./board-table.ts";
import type { BoardPage, BoardRow } from "../../../record/board/board-row.ts";
import { MOST_COMPARED } from "../../../record/most-compared.ts";
import { count, decimal, shortDigest } from "../../charts/numbers.ts";
import { compareAddress, entryAddress, referenceAddress } from "../../data/entry-address.ts";
import type { State } from "../../../record/board/standing.ts";
import { CUSTOM_VIEWS, type CustomView } from "../../../record/board/states.ts";
import { FAMILIES, regularizerFamily } from "../../charts/families.ts";
import { MAP_AXES, MAP_AXIS_NAMES } from "../../charts/map-axes.ts";
import { STATE_HELP } from "../../data/state-words.ts";
import { BOARD_COLUMNS, CONFIGURATION, findColumn } from "../../data/table-columns.ts";
import { stateBadge } from "../base/state-badge.ts";
import { boardSentences, saidOf } from "./board-sentences.ts";
import { emptyBoard } from "./empty-board.ts";
import { referenceBadge, referenceGroup, referenceSwitch } from "./reference-parts.ts";
import type { DrawnReference } from "../../data/reference-layer.ts";

export interface Drawing {
  model: BoardModel;
  view: BoardView;
  fresh: ReadonlySet<string>;
  live: boolean;
  /** Null where there is none. */
  reference: DrawnReference | null;
}

/** Names of the parts, in the order in which they stand. */
export const PARTS = [
  "empty",
  "sentences",
  "reference",
  "axis",
  "selection",
  "hidden",
  "count",
  "ranks",
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
export function boardPart(part: Part, drawing: Drawing): Child {
  const { model, view } = drawing;
  const shown = shownOf(drawing);
  switch (part) {
    case "sentences":
      return boardSentences(saidOf(shown, drawing));
    case "empty":
      return model.rows.length === 0 ? emptyBoard(model) : null;
    case "reference":
      return referenceSwitch(drawing);
    case "axis":
      return isBare(drawing) ? null : axisChoice(view, drawing.live);
    case "selection":
      return isBare(drawing) ? null : selectionCard(drawing);
    case "hidden":
      return hiddenRows(model.hidden, view);
    case "count":
      return rowCount(shown, model);
    case "ranks":
      return rankDistance(model, view, shown);
    case "table":
      return shown.rows.length === 0 && shown.found > 0
        ? h("p", { class: "faint", role: "status" }, "The rest is on its way.")
        : boardTable(tableParts(drawing, shown));
    case "pager":
      return pager(shown, drawing.live);
    case "tray":
      return compareTray(view.compare, model.rows);
  }
}

/** Nothing but how the first entry gets there. */
export function isBare({ model, view, reference }: Pick<Drawing, "model" | "view" | "reference">) {
  return model.rows.length === 0 && (reference === null || view.reference === "hidden");
}

function tableParts(drawing: Drawing, { rows, page, pages }: ShownRows): TableParts {
  const { view, fresh, live, model } = drawing;
  const caption = `Entries of ${model.protocol.name}`;
  // Without a script there is no other page of the table.
  const reference = page === pages || !live ? referenceGroup(drawing) : null;
  return { caption, rows, view, fresh, live, reference };
}

/** @param live whether a script answers; without one the map shows the usual axis. */
function axisChoice({ axis: chosen, isLog }: BoardView, live: boolean): VNode {
  const choices = MAP_AXIS_NAMES.map((axis) =>
    h(
      "label",
      { key: axis },
      h("input", {
        ...{ type: "radio", name: "axis", value: axis, checked: axis === chosen, disabled: !live },
        ...{ autocomplete: "off", "data-focus": `axis-${axis}` },
      }),
      MAP_AXES[axis].title,
    ),
  );
  const box = h("input", {
    ...{ type: "checkbox", name: "scale", checked: isLog, disabled: !live },
    ...{ autocomplete: "off", "data-focus": "scale" },
  });
  return h(
    "fieldset",
    { class: "axis" },
    h("legend", {}, "Horizontal axis"),
    h("div", { class: "axes" }, ...choices, h("label", { key: "scale" }, box, "Log scale")),
  );
}

const SHOWN = [
  "learnedComplexity",
  "capacity",
  "equivalentWidth",
  "gap",
  "testAccuracy",
  "trainAccuracy",
  "params",
  "seeds",
] as const;

function selectionCard({ model, view, reference }: Drawing): VNode {
  const isSelected = ({ entry }: BoardRow) => entry === view.selected;
  const own = model.rows.find(isSelected);
  const row = own ?? shownReference(reference?.rows ?? [], view).find(isSelected);
  if (row === undefined)
    return h(
      "p",
      { class: "faint hint" },
      "Select a point to see its numbers here; its row in the table is marked.",
    );
  const facts = SHOWN.map((id) => {
    const column = findColumn(id)!;
    const { text, help } = column.cell(row);
    return h("div", {}, h("dt", {}, column.title), h("dd", { title: help }, text));
  });
  return h(
    "div",
    { class: "card" },
    h("p", { class: "title" }, `${row.arch} ${row.regs}`),
    h("p", {}, ...(own === undefined ? referenceBadge(row.standing) : [stateBadge(row.standing)])),
    h("dl", { class: "facts" }, ...facts),
    h(
      "p",
      { class: "buttons" },
      openButton(own === undefined ? referenceAddress(row.entry) : entryAddress(row.entry)),
      own === undefined
        ? null
        : h(
            "button",
            { type: "button", class: "button", "data-choose": row.entry, "data-focus": "choose" },
            "Compare",
          ),
    ),
  );
}

function openButton(href: string): VNode {
  return h("a", { class: "button", href, "data-focus": "open" }, "Open the entry");
}

const FORMATS = [
  ["markdown", "Markdown"],
  ["latex", "LaTeX"],
  ["bibtex", "BibTeX"],
  ["csv", "CSV"],
] as const;

/** Above and below the table: how many rows, how many are hidden, pages, copies. */
export type CopyFormat = (typeof FORMATS)[number][0];

/** How far apart two configurations must be for their ranks to tell them apart; null where no ranks are shown. */
function rankDistance(
  { rows, ranked, total }: BoardModel,
  { sort }: BoardView,
  { rows: shown }: ShownRows,
): VNode | null {
  const counts = shown.flatMap(({ rank, numbers }) =>
    rank === null ? [] : (numbers[ranked]?.count ?? []),
  );
  const runs = counts.toSorted((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 1;
  const isPartial = rows.filter((row) => !isHidden(row)).length < total;
  const known = rows.filter((row) => row.counted && !isHidden(row) && row.rank !== null).length;
  const configurations = isPartial ? total : known;
  if (sort !== ranked || runs < 2 || configurations < 2) return null;
  const among = `${isPartial ? "up to " : ""}${count(configurations)}`;
  const distance = decimal(rankableDistance(configurations, runs), 1);
  return h(
    "p",
    { class: "faint small" },
    h("a", { href: "/method/#places" }, "Places are intervals"),
    `: among ${among} configurations Welch's test tells two with ${runs} runs each apart only where their means ` +
      `differ by about ${distance} standard deviations of a run, if both spread alike.${scattered(shown)}`,
  );
}

/** Why places do not rise from row to row, where they do not. */
function scattered(rows: readonly BoardRow[]): string {
  const ranks = rows.flatMap(({ rank }) => rank ?? []);
  const [rising, falling] = [ranks, ranks.toReversed()].map((some) =>
    (["low", "high"] as const).every((end) =>
      some.every((rank, i) => i === 0 || rank[end] >= some[i - 1]![end]),
    ),
  );
  return rising || falling
    ? ""
    : " They need not rise from row to row: an entry whose runs scatter more is told apart from fewer others.";
}

/** `24 of 300 entries`; nothing until it is known, as a page that was built without its entries does not have none. */
function rowCount({ found, all }: ShownRows, { logSize }: BoardModel): VNode {
  const text = found === all ? entries(all) : `${count(found)} of ${entries(all)}`;
  return h("p", { class: "count", role: "status" }, logSize === null ? "" : text);
}

const entries = (number: number) => `${count(number)} ${number === 1 ? "entry" : "entries"}`;

/** Null when nothing is hidden. */
function hiddenRows(hidden: BoardPage["hidden"], view: BoardView): VNode | null {
  const parts = Object.entries(hidden).filter(([, number]) => number > 0);
  const total = parts.reduce((sum, [, number]) => sum + number, 0);
  if (total === 0) return null;
  const said = parts.map(([state, number]) => `${count(number)} ${state}`).join(", ");
  const words = total === 1 ? "row is" : "rows are";
  const action = view.hidden ? "Hide them" : total === 1 ? "Show it" : "Show them";
  return h(
    "p",
    { class: "hidden-rows" },
    view.hidden ? `Shown as well: ${said}. ` : `${count(total)} ${words} hidden: ${said}. `,
    h(
      "button",
      { type: "button", class: "link", "data-action": "hidden", "data-focus": "hidden" },
      action,
    ),
  );
}

export function copyBar(live: boolean): VNode {
  const buttons = FORMATS.map(([format, name]) =>
    h(
      "button",
      {
        type: "button",
        class: "button",
        "data-copy": format,
        "data-focus": `copy-${format}`,
        disabled: !live,
      },
      name,
    ),
  );
  const label = h("span", { class: "faint" }, "Copy this view as");
  return h("div", { class: "copies" }, label, ...buttons);
}

/** Null when one page holds everything. @param live whether a script answers the buttons. */
function pager({ page, pages }: ShownRows, live: boolean): VNode | null {
  if (pages === 1) return null;
  const step = (to: number, text: string) =>
    h(
      "button",
      {
        type: "button",
        class: "button",
        "data-page": to,
        "data-focus": `page-${text}`,
        disabled: !live || to < 1 || to > pages,
      },
      text,
    );
  return h(
    "nav",
    { class: "pager", "aria-label": "Pages of the table" },
    step(page - 1, "Previous"),
    h("span", {}, `Page ${count(page)} of ${count(pages)}`),
    step(page + 1, "Next"),
  );
}

/** For readers without a script, whom no button helps. @param name of the protocol. */
export function withoutScript({ rows, found }: ShownRows, name: string): VNode {
  const shown =
    rows.length < found ? `Of ${entries(found)} the first ${rows.length} are shown. ` : "";
  const link = h("a", { href: `/boards/${name}/rows.csv` }, "All rows as CSV");
  return h("noscript", {}, h("p", {}, shown, link));
}

/** Null while nothing is chosen. */
function compareTray(chosen: readonly string[], rows: readonly BoardRow[]): VNode | null {
  if (chosen.length === 0) return null;
  const items = chosen.map((entry) => {
    const row = rows.find((each) => each.entry === entry);
    const name = row ? `${row.arch} ${row.regs}` : shortDigest(entry);
    const remove = h(
      "button",
      {
        type: "button",
        "data-drop": entry,
        "data-focus": `drop-${entry}`,
        "aria-label": `Remove ${name}`,
      },
      "×",
    );
    return h("li", { key: entry }, h("span", { title: name }, name), remove);
  });
  return h(
    "section",
    { class: "tray", "aria-label": "Chosen for comparison" },
    h("ul", {}, ...items),
    chosen.length >= 2
      ? h(
          "a",
          { class: "button primary", href: compareAddress(chosen), "data-focus": "compare" },
          `Compare these ${chosen.length}`,
        )
      : h("p", { class: "faint" }, `Choose another one, up to ${MOST_COMPARED}.`),
    h(
      "button",
      { type: "button", class: "button", "data-action": "clear", "data-focus": "clear" },
      "Clear",
    ),
  );
}

/** @param rows all of the board: they decide what can be chosen. */
export function boardControls(rows: readonly BoardRow[], view: BoardView, live: boolean): VNode {
  const archs = [...new Set(rows.map(({ arch }) => arch))].sort();
  const found = new Set(rows.map(({ regs }) => regularizerFamily(regs)));
  const families = Object.entries(FAMILIES).filter(([family]) => found.has(family as never));
  const states = (Object.keys(STATE_HELP) as State[]).filter((state) =>
    rows.some(({ standing }) => standing.state === state),
  );
  const columns = BOARD_COLUMNS.filter(({ id }) => id !== CONFIGURATION);
  return h(
    "form",
    { class: "controls", "aria-label": "Filter the table and the map" },
    chooser({
      ...{ live, name: "arch", title: "Architecture", chosen: view.archs },
      options: archs.map((arch) => [arch, arch]),
    }),
    chooser({
      ...{ live, name: "family", title: "Regularizers", chosen: view.families },
      options: families.map(([id, { label }]) => [id, label]),
    }),
    chooser({
      ...{ live, name: "state", title: "State", chosen: view.states },
      options: states.map((state) => [state, state]),
    }),
    ...customChooser(rows, view, live),
    chooser({
      ...{ live, name: "columns", title: "Columns", chosen: view.columns },
      options: columns.map(({ id, title }) => [id, title]),
    }),
    h("button", button("reset", live), "Reset"),
  );
}

const button = (action: string, live: boolean): Attributes => ({
  type: "button",
  class: "button",
  "data-action": action,
  "data-focus": action,
  disabled: !live,
});

export function boardSearch({ text }: BoardView, live: boolean): VNode {
  const box = h("input", {
    type: "search",
    id: "search",
    name: "q",
    value: text,
    maxlength: 200,
    placeholder: "Search: mlp dropout, a name, a digest",
    autocomplete: "off",
    spellcheck: false,
    "data-focus": "q",
    disabled: !live,
  });
  const label = h("span", { class: "visually-hidden" }, "Words that rows must have");
  return h(
    "form",
    { class: "search", role: "search", "aria-label": "Search the table and the map" },
    h("label", {}, label, box),
  );
}

interface Chooser {
  live: boolean;
  name: string;
  title: string;
  options: readonly (readonly [value: string, text: string])[];
  chosen: readonly string[];
  type?: "checkbox" | "radio";
}

const CUSTOM_WORDS: Readonly<Record<CustomView, string>> = {
  shown: "Show it, without ranks",
  hidden: "Leave it out",
  ranked: "Rank it among the others, and speak of it",
};

/** Nothing on a board without custom code. */
function customChooser(rows: readonly BoardRow[], { custom }: BoardView, live: boolean): VNode[] {
  if (!rows.some((row) => row.custom) && custom === "shown") return [];
  const title = custom === "shown" ? "Custom code" : `Custom code (${custom})`;
  const options = CUSTOM_VIEWS.map((view) => [view, CUSTOM_WORDS[view]] as const);
  return [chooser({ live, name: "custom", title, options, chosen: [custom], type: "radio" })];
}

/** A list of boxes that unfolds; its name says how many are ticked. */
function chooser({ live, name, title, options, chosen, type = "checkbox" }: Chooser): VNode {
  const boxes = options.map(([value, text]) =>
    h(
      "label",
      { key: value },
      h("input", {
        ...{ type, name, value, checked: chosen.includes(value), disabled: !live },
        "data-focus": `${name}-${value}`,
      }),
      text,
    ),
  );
  const isActive = type === "checkbox" && name !== "columns" && chosen.length > 0;
  return h(
    "details",
    { class: "chooser", name: "chooser" },
    h(
      "summary",
      { "data-focus": `chooser-${name}` },
      isActive ? `${title} (${chosen.length})` : title,
    ),
    h("div", { class: "options", role: "group", "aria-label": title }, boxes),
  );
}
