/** @file A board's page below its title: sentences, map, table. The island replaces its parts one by one. */

import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
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
export function boardSection(drawing: Drawing): VNode {
  const isEmpty = drawing.model.rows.length === 0;
  const part = (name: Part) => h("div", { "data-part": name }, boardPart(name, drawing));
  const { model, view, live, newestBuilt } = drawing;
  const shown = shownRows(model, view);
  const map = isEmpty ? emptyBoard(model) : boardMap(shown, view, model.protocol);
  return h(
    "div",
    {
      class: isEmpty ? "board-page empty" : "board-page",
      "data-board": model.protocol.name,
      "data-log-size": model.logSize,
      "data-newest": newestBuilt,
    },
    h("div", { "data-part": "notice" }),
    part("sentences"),
    h(
      "div",
      { class: "beside" },
      h("div", {}, part("axis"), h("div", { "data-part": "map" }, map)),
      part("selection"),
    ),
    h(
      "section",
      { class: "rows", id: "table", "aria-labelledby": "rows-title" },
      h("h2", { id: "rows-title" }, "Entries"),
      h("div", { "data-part": "controls" }, boardControls(model.rows, view, live)),
      h("div", { class: "bar" }, part("count"), part("hidden"), copyBar(live)),
      part("ranks"),
      part("table"),
      part("pager"),
      live ? null : withoutScript(shown, model.protocol.name),
    ),
    part("tray"),
    h("p", { class: "visually-hidden", role: "status", "data-live": "" }),
    h("p", { class: "toast", role: "status", "data-toast": "" }),
  );
}
