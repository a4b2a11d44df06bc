/** @file A view as the part of the address behind the question mark, and back. */

import type { State } from "../../../record/board/standing.ts";
import { MOST_COMPARED } from "../../../record/most-compared.ts";
import { FAMILIES, type Family } from "../../charts/families.ts";
import { STATE_HELP } from "../../lib/states.ts";
import { BOARD_COLUMNS, findColumn } from "./board-columns.ts";
import { USUAL_VIEW, type BoardView } from "./board-view.ts";

const DIGEST = /^[0-9a-f]{64}$/;

/** What is unknown in it is left out, so that an old or mistyped address still shows a board. */
export function readView(query: URLSearchParams): BoardView {
  const list = (name: string) => unique((query.get(name) ?? "").split(",").filter(Boolean));
  const columns = list("columns");
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
    columns:
      columns.length === 0
        ? USUAL_VIEW.columns
        : BOARD_COLUMNS.map(({ id }) => id).filter((id) => id === "entry" || columns.includes(id)),
    page: Math.max(1, Math.trunc(Number(query.get("page"))) || 1),
    compare: entries.slice(0, MOST_COMPARED),
    selected: selected !== null && DIGEST.test(selected) ? selected : null,
  };
}

/** Empty for the usual view; only what differs from it is written. */
export function writeView(view: BoardView): string {
  const isUsual = view.columns.join() === USUAL_VIEW.columns.join();
  const parts: [name: string, value: string, isUsual: boolean][] = [
    ["sort", view.sort, view.sort === USUAL_VIEW.sort],
    ["order", view.order, view.order === USUAL_VIEW.order],
    ["q", view.text, view.text === ""],
    ["arch", view.archs.join(), view.archs.length === 0],
    ["family", view.families.join(), view.families.length === 0],
    ["state", view.states.join(), view.states.length === 0],
    ["device", view.device ?? "", view.device === null],
    ["hidden", "1", !view.hidden],
    ["columns", view.columns.join(), isUsual],
    ["page", String(view.page), view.page === 1],
    ["compare", view.compare.join(), view.compare.length === 0],
    ["entry", view.selected ?? "", view.selected === null],
  ];
  const written = parts
    .filter(([, , isUsual]) => !isUsual)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`);
  return written.length === 0 ? "" : `?${written.join("&")}`;
}

const unique = (texts: string[]) => [...new Set(texts)];
