/** @file A board's page: title, sentences, map, table. The island replaces its parts one by one. */

import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { shownRows } from "../../data/shown-rows.ts";
import {
  type Drawing,
  type Part,
  boardControls,
  boardPart,
  boardSearch,
  copyBar,
  isBare,
  withoutScript,
} from "./board-parts.ts";
import { boardLegend, boardMap } from "./board-map.ts";
import { boardNavigation } from "./board-navigation.ts";
import type { Reference } from "../../data/reference-layer.ts";

interface Around {
  /** Of the reference's log, that the island looks for in the board's own. */
  leaf?: Reference["leaf"];
  /** What its protocol is, in one line. */
  about?: string;
}

/** The whole page. */
export function boardSection(drawing: Drawing, { leaf = null, about = "" }: Around = {}): VNode {
  const isEmpty = isBare(drawing);
  const part = (name: Part) => h("div", { "data-part": name }, boardPart(name, drawing));
  const { model, view, live, reference } = drawing;
  const shown = shownRows(model, view);
  const known = reference?.rows ?? [];
  const map = isEmpty ? null : boardMap(shown, view, model.protocol, known);
  const signs = isEmpty ? null : boardLegend(shown, view, known);
  return h(
    "div",
    {
      class: isEmpty ? "board-page empty" : "board-page",
      "data-board": model.protocol.name,
      "data-log-size": model.logSize,
      "data-reference": reference?.count,
      "data-reference-leaf": leaf === null ? null : JSON.stringify(leaf),
    },
    boardTitle(drawing, about),
    boardNavigation({ protocol: model.protocol.name, here: "boards" }),
    h("div", { "data-part": "notice" }),
    h(
      "div",
      { class: "filters" },
      h("div", { "data-part": "controls" }, boardControls([...model.rows, ...known], view, live)),
      part("count"),
      part("hidden"),
    ),
    // One place for what is said of the board, whether it is known yet or not: what is below it stays where it is.
    h(
      "div",
      { class: model.rows.length === 0 ? "words awaited" : "words" },
      part("empty"),
      part("sentences"),
    ),
    h(
      "div",
      { class: "beside" },
      h("div", {}, part("axis"), h("div", { "data-part": "map" }, map)),
      h(
        "div",
        { class: "side" },
        part("selection"),
        h("div", { "data-part": "legend" }, signs),
        part("reference"),
      ),
    ),
    h(
      "section",
      { class: "rows", id: "table", "aria-labelledby": "rows-title" },
      h("h2", { id: "rows-title", class: "visually-hidden" }, "Entries"),
      part("table"),
      part("pager"),
      copyBar(live),
      part("ranks"),
      live ? null : withoutScript(shown, model.protocol.name),
    ),
    part("tray"),
    h("p", { class: "visually-hidden", role: "status", "data-live": "" }),
    h("p", { class: "toast", role: "status", "data-toast": "" }),
  );
}

/** The search box stands here, before the ways to other pages: whoever comes by keyboard is there at the tenth stop. */
function boardTitle({ model, view, live }: Drawing, about: string): VNode {
  return h(
    "div",
    { class: "board-title" },
    h("h1", {}, model.protocol.name),
    h("p", { class: "about" }, about),
    h("div", { "data-part": "search" }, boardSearch(view, live)),
  );
}
