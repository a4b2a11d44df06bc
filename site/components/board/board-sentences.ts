/** @file What a board's tests allow to be said of the rows that it shows. */

import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import type { BoardModel } from "../../data/board-model.ts";
import { type BoardView, isFiltered } from "../../data/board-view.ts";
import type { ShownRows } from "../../data/shown-rows.ts";

/** Of the rows that the filters let through; of all, where nothing is filtered. */
export function saidOf(
  { passing }: ShownRows,
  { model, view }: { model: BoardModel; view: BoardView },
): readonly string[] {
  const entries = isFiltered(view) ? new Set(passing.map(({ entry }) => entry)) : null;
  return model.sentences.flatMap(({ entry, text }) =>
    entries === null || entries.has(entry) ? [text] : [],
  );
}

export function boardSentences([first, ...others]: readonly string[]): VNode | null {
  if (first === undefined) return null;
  return h(
    "div",
    { class: "said" },
    h("p", { class: "lead" }, first),
    others.length === 0 ? null : furtherSentences(others),
  );
}

function furtherSentences(said: readonly string[]): VNode {
  return h(
    "details",
    { class: "more" },
    h(
      "summary",
      { "data-focus": "sentences" },
      `What the tests allow to be said of the others (${said.length})`,
    ),
    h(
      "ul",
      {},
      said.map((sentence) => h("li", {}, sentence)),
    ),
    h("p", { class: "faint small" }, LEVELS),
  );
}

const LEVELS =
  "Differences are paired over the seeds that both have, the panel's; in brackets stands the mean over all seeds, as in the " +
  "table. First comes what moves learned complexity or capacity and raises test accuracy, last what is not shown to move any.";
