/** @file The parts of a board's page, each drawn by itself; the map, which needs the chart library, stands apart. */

import { type Child, html } from "../../charts/element.ts";
import type { BoardModel } from "../../view/board/board-model.ts";
import type { BoardView } from "../../view/board/board-view.ts";
import { type ShownRows, shownRows } from "../../view/board/shown-rows.ts";
import { boardTable, type TableParts } from "./board-table.ts";
import { compareTray } from "./compare-tray.ts";
import { selectionCard } from "./selection-card.ts";
import { hiddenRows, pager, rowCount } from "./table-bar.ts";

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
