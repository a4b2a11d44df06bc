/** @file What a visitor has chosen to see of a board; all of it lives in the address. */

import type { State } from "../../record/board/standing.ts";
import { FAMILIES, type Family, regularizerFamily } from "../charts/families.ts";
import { MAP_AXIS_NAMES, type MapAxis } from "../charts/map-axes.ts";
import { BOARD_COLUMNS, CONFIGURATION, findColumn } from "./table-columns.ts";
import { MOST_COMPARED } from "../../record/most-compared.ts";
import { STATE_HELP } from "./state-words.ts";
import type { BoardRow } from "../../record/board/board-row.ts";
import {
  CUSTOM_VIEWS,
  type CustomView,
  isHiddenState,
  stateText,
} from "../../record/board/states.ts";
import { RANK_ORDER, isRanked } from "../../record/board/board-columns.ts";

export interface BoardView {
  /** A column's id. */
  sort: string;
  order: "ascending" | "descending";
  /** Words that each row must have. */
  text: string;
  /** Empty: all of them. */
  archs: readonly string[];
  families: readonly Family[];
  states: readonly State[];
  device: "cpu" | "cuda" | null;
  /** Are retracted, quarantined and superseded rows shown? */
  hidden: boolean;
  /** Are rows with custom code shown without a rank, left out, or ranked among the others? */
  custom: CustomView;
  /** What of the reference is shown beside the board's own entries: all of it on the map, and as much in the table. */
  reference: ReferenceView;
  /** Ids of the columns shown, in the table's order. */
  columns: readonly string[];
  /** From 1. */
  page: number;
  /** What the map shows from left to right; its column stands in the table. */
  axis: MapAxis;
  /** Does that axis show powers: 1, 10, 100? */
  isLog: boolean;
  /** Entries chosen for comparison, at most five. */
  compare: readonly string[];
  /** The entry selected in chart and table. */
  selected: string | null;
}

const REFERENCE_VIEWS = ["first", "all", "hidden"] as const;

type ReferenceView = (typeof REFERENCE_VIEWS)[number];

export const USUAL_VIEW: BoardView = {
  sort: "learnedComplexity",
  order: "ascending",
  text: "",
  archs: [],
  families: [],
  states: [],
  device: null,
  hidden: false,
  custom: "shown",
  reference: "first",
  columns: usualColumns("learnedComplexity"),
  page: 1,
  axis: "learnedComplexity",
  isLog: false,
  compare: [],
  selected: null,
};

/** The columns shown unless somebody chooses otherwise, with that of the map's axis. */
function usualColumns(axis: MapAxis): readonly string[] {
  return BOARD_COLUMNS.filter(({ id, usual }) => usual || id === axis).map(({ id }) => id);
}

/** In the table's order. @param chosen ids, unknown ones perhaps among them. */
export function shownColumns(chosen: readonly string[]): string[] {
  const ids = BOARD_COLUMNS.map(({ id }) => id);
  return ids.filter((id) => id === CONFIGURATION || chosen.includes(id));
}

const hasUsualColumns = ({ columns, axis }: BoardView) =>
  columns.join() === usualColumns(axis).join();

/** Rows on one page. */
export const PAGE_ROWS = 100;

/** Rows of the reference, unless all are asked for: a page that must lay out sixty before its scripts begin is late by a third of a second on a slow processor. */
export const REFERENCE_ROWS = 10;

/** Sorts by a column; by the same column again, in the opposite order. */
export function sortedBy(view: BoardView, column: string): BoardView {
  if (findColumn(column) === undefined) return view;
  const isSame = view.sort === column;
  const order = isSame && view.order === "ascending" ? "descending" : "ascending";
  return { ...view, sort: column, order, page: 1 };
}

/** The table gets the new axis's column, and loses that of the old one where it is not shown usually. */
export function withAxis(view: BoardView, axis: MapAxis): BoardView {
  const isKept = (id: string) => id !== view.axis || findColumn(id)!.usual;
  const columns = BOARD_COLUMNS.map(({ id }) => id).filter(
    (id) => id === axis || (view.columns.includes(id) && isKept(id)),
  );
  return { ...view, axis, columns };
}

/** Filters only; what is chosen for comparison and which columns are shown stays. */
export function withoutFilters(view: BoardView): BoardView {
  const { text, archs, families, states, device, hidden, custom, page } = USUAL_VIEW;
  return { ...view, text, archs, families, states, device, hidden, custom, page };
}

/** A sixth entry is not taken. */
export function toggleCompared(view: BoardView, entry: string): BoardView {
  const { compare } = view;
  if (compare.includes(entry)) return { ...view, compare: compare.filter((id) => id !== entry) };
  return compare.length >= MOST_COMPARED ? view : { ...view, compare: [...compare, entry] };
}

/** A selected entry that is selected again is let go. */
export function toggleSelected(view: BoardView, entry: string): BoardView {
  return { ...view, selected: view.selected === entry ? null : entry };
}

const DIGEST = /^[0-9a-f]{64}$/;

/** What is unknown in it is left out, so that an old or mistyped address still shows a board. */
export function readView(query: URLSearchParams): BoardView {
  const list = (name: string) => unique((query.get(name) ?? "").split(",").filter(Boolean));
  const columns = list("columns");
  const axis = MAP_AXIS_NAMES.find((name) => name === query.get("axis")) ?? USUAL_VIEW.axis;
  const device = query.get("device");
  const entries = list("compare").filter((id) => DIGEST.test(id));
  const selected = query.get("entry");
  return {
    sort: findColumn(query.get("sort") ?? "")?.id ?? USUAL_VIEW.sort,
    order: query.get("order") === "descending" ? "descending" : "ascending",
    text: (query.get("q") ?? "").slice(0, 200),
    archs: list("arch"),
    families: list("family").filter((name): name is Family => Object.hasOwn(FAMILIES, name)),
    states: list("state").filter((name): name is State => Object.hasOwn(STATE_HELP, name)),
    device: device === "cpu" || device === "cuda" ? device : null,
    hidden: query.get("hidden") === "1",
    custom: CUSTOM_VIEWS.find((name) => name === query.get("custom")) ?? USUAL_VIEW.custom,
    reference:
      REFERENCE_VIEWS.find((name) => name === query.get("reference")) ?? USUAL_VIEW.reference,
    columns: columns.length === 0 ? usualColumns(axis) : shownColumns(columns),
    page: Math.max(1, Math.trunc(Number(query.get("page"))) || 1),
    axis,
    isLog: query.get("scale") === "log",
    compare: entries.slice(0, MOST_COMPARED),
    selected: selected !== null && DIGEST.test(selected) ? selected : null,
  };
}

/** Empty for the usual view; only what differs from it is written. */
export function writeView(view: BoardView): string {
  const isUsual = hasUsualColumns(view);
  const parts: [name: string, value: string, isUsual: boolean][] = [
    ["sort", view.sort, view.sort === USUAL_VIEW.sort],
    ["order", view.order, view.order === USUAL_VIEW.order],
    ["q", view.text, view.text === ""],
    ["arch", view.archs.join(), view.archs.length === 0],
    ["family", view.families.join(), view.families.length === 0],
    ["state", view.states.join(), view.states.length === 0],
    ["device", view.device ?? "", view.device === null],
    ["hidden", "1", !view.hidden],
    ["custom", view.custom, view.custom === USUAL_VIEW.custom],
    ["reference", view.reference, view.reference === USUAL_VIEW.reference],
    ["columns", view.columns.join(), isUsual],
    ["page", String(view.page), view.page === 1],
    ["axis", view.axis, view.axis === USUAL_VIEW.axis],
    ["scale", "log", !view.isLog],
    ["compare", view.compare.join(), view.compare.length === 0],
    ["entry", view.selected ?? "", view.selected === null],
  ];
  const written = parts
    .filter(([, , isUsual]) => !isUsual)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`);
  return written.length === 0 ? "" : `?${written.join("&")}`;
}

const unique = (texts: string[]) => [...new Set(texts)];

/** Which rows a view lets through. Ten thousand rows are filtered while somebody types. */
export function isHidden({ standing }: BoardRow): boolean {
  return isHiddenState(standing.state);
}

/** A state that is asked for by name is shown, also when it is hidden by default. */
export function filterRows(rows: readonly BoardRow[], view: BoardView): BoardRow[] {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean);
  const { archs, families, states, device, hidden, custom } = view;
  return rows.filter(
    (row) =>
      (hidden || states.includes(row.standing.state) || !isHidden(row)) &&
      (custom !== "hidden" || !row.custom) &&
      (archs.length === 0 || archs.includes(row.arch)) &&
      (states.length === 0 || states.includes(row.standing.state)) &&
      (device === null || row.engine.device === device) &&
      (families.length === 0 || families.includes(regularizerFamily(row.regs))) &&
      words.every((word) => searchable(row).includes(word)),
  );
}

/** What a word is looked for in; kept, as a row does not change. */
const texts = new WeakMap<BoardRow, string>();

function searchable(row: BoardRow): string {
  const kept = texts.get(row);
  if (kept !== undefined) return kept;
  const { arch, regs, entry, signer, machine, standing } = row;
  const parts = [arch, regs, entry, signer.name, signer.key, machine.cpu, ...machine.gpus];
  const text = [...parts, stateText(standing)].join(" ").toLowerCase();
  texts.set(row, text);
  return text;
}

/** Rows without a value stay below, whichever way the others go; equal ones keep the older first. */
export function sortRows(
  rows: readonly BoardRow[],
  { sort, order }: Pick<BoardView, "sort" | "order">,
): BoardRow[] {
  const column = findColumn(sort)!;
  const sign = order === "ascending" ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: column.order(row) }));
  return keyed
    .sort((a, b) => {
      if (a.key === null || b.key === null)
        return Number(a.key === null) - Number(b.key === null) || byAge(a.row, b.row);
      return sign * compare(a.key, b.key) || byAge(a.row, b.row);
    })
    .map(({ row }) => row);
}

const collator = new Intl.Collator("en", { numeric: true });

function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : collator.compare(String(a), String(b));
}

function byAge(a: BoardRow, b: BoardRow): number {
  if (a.receivedAt !== b.receivedAt) return a.receivedAt < b.receivedAt ? -1 : 1;
  return a.entry < b.entry ? -1 : 1;
}

/** The server sends the rows of a ranked column in the order of its ranks, and is asked for no other. */
export function needsAll(view: BoardView): boolean {
  const sort = findColumn(view.sort)?.sort ?? null;
  const isServersOrder = sort !== null && isRanked(sort) && RANK_ORDER[sort] === view.order;
  return view.page > 1 || isFiltered(view) || !isServersOrder;
}

/** The build draws the map of the usual view; a filter takes every row anyway. */
export function isMapAsBuilt(view: BoardView): boolean {
  const { axis, isLog, custom, reference } = view;
  return (
    axis === USUAL_VIEW.axis && !isLog && custom === USUAL_VIEW.custom && reference !== "hidden"
  );
}

const isOrderUsual = ({ sort, order }: BoardView) =>
  sort === USUAL_VIEW.sort && order === USUAL_VIEW.order;

/** Does the table show what the build has drawn of the reference, as many rows, in that order and those columns? */
export function isReferenceAsBuilt(view: BoardView): boolean {
  return (
    view.reference === USUAL_VIEW.reference &&
    isOrderUsual(view) &&
    view.axis === USUAL_VIEW.axis &&
    hasUsualColumns(view) &&
    !isFiltered(view)
  );
}

/** Whether it is filtered by anything but the hidden states. */
export function isFiltered(view: BoardView): boolean {
  const { text, archs, families, states, device, custom } = view;
  return (
    text !== "" ||
    device !== null ||
    custom === "hidden" ||
    [archs, families, states].some((each) => each.length > 0)
  );
}
