/** @file Small multiples: arrows from `none` to each regularizer, of one architecture or of several. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import type { VNode } from "preact";
import { type Child, h } from "../../markup/element.ts";
import { legend, numbersBehind } from "../../charts/figure.ts";
import { mapLegend } from "../../charts/complexity-gap.ts";
import { canvasOf, panels } from "../../charts/plot.ts";
import { percent, percentInterval } from "../../charts/numbers.ts";
import {
  type ArrowsRow,
  type Vertical,
  regularizerArrowsChart,
} from "../../charts/regularizer-arrows.ts";
import { MOST_ARROWS, byArchitecture, fewerArrows } from "../../data/shown-rows.ts";

/** A section an architecture; null when none has an unregularized entry and another. */
export function multiples(rows: readonly BoardRow[]): VNode | null {
  const groups = byArchitecture(rows);
  if (groups.length === 0) return null;
  const shown = groups.flatMap(({ none, others }) => [none, ...others]);
  const signs = mapLegend(shown.map(({ regs }) => ({ arch: "", regs })));
  return h(
    "div",
    { class: "multiples" },
    h("p", { class: "faint" }, arrowsCaption(groups)),
    legend(signs.slice(1)),
    ...groups.map((row) =>
      h("section", { class: "chart" }, h("h2", {}, row.arch), ...arrows(row.arch, [row])),
    ),
  );
}

export function arrowsCaption(rows: readonly ArrowsRow[]): string {
  const isCrowded = rows.some(({ others }) => others.length > MOST_ARROWS);
  return CAPTION + (isCrowded ? FEWER : "");
}

const CAPTION =
  "Arrows lead from the network trained without a regularizer to the same network with one. Left: the heads " +
  "learned fewer of their random labels. In the panels of the gap, down means a smaller gap; in those of test accuracy, up means " +
  "more test images classified correctly. An arrow shorter than the faint bars at its head (95 % intervals) may be " +
  "chance. Arrows are differences of means, without a test: a short one does not show that nothing changed. Which " +
  "differences the paired test allows to be claimed stands on the board and in a comparison of two to five entries. " +
  "Each panel has its own axes.";

const FEWER =
  ` Of more than ${MOST_ARROWS} configurations, ${MOST_ARROWS} are shown, spread over the order of learned complexity; ` +
  "the board's table has them all.";

/** Pixels: two architectures stand side by side, and scaled down their words could not be read. */
const WIDTH = 310;

/** Two panels for each architecture, and one table of their numbers. @param title of the table. */
export function arrows(title: string, all: readonly ArrowsRow[]): Child[] {
  const rows = all.map(fewerArrows);
  const name = (arch: string, what: string) =>
    rows.length === 1 && arch === title ? what : `${arch}, ${what.toLowerCase()}`;
  const panel = (row: ArrowsRow, vertical: Vertical) => ({
    title: name(row.arch, vertical === "gap" ? "Generalization gap" : "Test accuracy"),
    picture: regularizerArrowsChart(row, canvasOf(WIDTH), vertical),
  });
  const both = (row: ArrowsRow) => [
    panel(row, "gap"),
    ...(hasTest(row) ? [panel(row, "testAccuracy")] : []),
  ];
  return [
    h(
      "div",
      { class: "pairs" },
      ...rows.map((row) => h("div", { "data-archs": row.arch }, panels(both(row)))),
    ),
    behind(title, rows),
  ];
}

const hasTest = ({ none, others }: ArrowsRow): boolean =>
  [none, ...others].every(({ testAccuracy }) => testAccuracy !== null);

const UNTESTED =
  "Minus the mean of the network without a regularizer, in points: no interval and no test. Compare two entries for both.";

function behind(title: string, rows: readonly ArrowsRow[]): Child {
  const columns = [
    { title: "configuration" },
    ...["learned complexity (%)", "gap (points)", "test accuracy (%)"].flatMap((title) => [
      { title, numeric: true as const },
      { title: "difference of means", numeric: true as const, help: UNTESTED },
    ]),
  ];
  const lines = rows.flatMap(({ arch, none, others }) =>
    [none, ...others].map((each) => [
      `${arch} ${each.regs}`,
      ...(["learnedComplexity", "gap", "testAccuracy"] as const).flatMap((name) => [
        percentInterval(each[name]),
        each !== none && each[name] && none[name]
          ? percent(each[name].mean - none[name].mean)
          : "–",
      ]),
    ]),
  );
  const parts = { title, columns, rows: lines };
  return numbersBehind("The numbers behind these charts", parts);
}
