/** @file A board's page below its title: sentences, map, table. The island replaces its parts one by one. */

import { html } from "../../charts/element.ts";
import { shownRows } from "../../data/shown-rows.ts";
import {
  type Drawing,
  type Part,
  boardControls,
  boardPart,
  copyBar,
  withoutScript,
} from "./board-parts.ts";
import { boardMap } from "./board-map.ts";
import { emptyBoard } from "./empty-board.ts";

/** The whole section. */
export function boardSection(document: Document, drawing: Drawing): HTMLElement {
  const el = html.bind(null, document);
  const isEmpty = drawing.model.rows.length === 0;
  const part = (name: Part) => el("div", { "data-part": name }, boardPart(document, name, drawing));
  const { model, view, live, newestBuilt } = drawing;
  const shown = shownRows(model, view);
  const map = isEmpty ? emptyBoard(document, model) : boardMap(shown, document);
  return el(
    "div",
    {
      class: isEmpty ? "board-page empty" : "board-page",
      "data-board": model.protocol.name,
      "data-log-size": model.logSize,
      "data-newest": newestBuilt,
    },
    el("div", { "data-part": "notice" }),
    part("sentences"),
    el("div", { class: "beside" }, el("div", { "data-part": "map" }, map), part("selection")),
    el(
      "section",
      { class: "rows", id: "table", "aria-labelledby": "rows-title" },
      el("h2", { id: "rows-title" }, "Entries"),
      el("div", { "data-part": "controls" }, boardControls(document, model.rows, view, live)),
      el("div", { class: "bar" }, part("count"), part("hidden"), copyBar(document, live)),
      part("table"),
      part("pager"),
      live ? null : withoutScript(document, shown, model.protocol.name),
    ),
    part("tray"),
    el("p", { class: "visually-hidden", role: "status", "data-live": true }),
    el("p", { class: "toast", role: "status", "data-toast": true }),
  );
}
