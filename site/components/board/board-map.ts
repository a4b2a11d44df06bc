/** @file A board's main chart: every row that the filters let through, as a map. */

import type { VNode } from "preact";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { complexityGapChart, mapLegend } from "../../charts/complexity-gap.ts";
import { type ComplexityGapRow, MOST_MARKED, placedOn } from "../../charts/map-points.ts";
import { MAP_AXES, type MapAxis } from "../../charts/map-axes.ts";
import { bothWidths, legend } from "../../charts/figure.ts";
import { count, plural } from "../../charts/numbers.ts";
import { h } from "../../markup/element.ts";
import { type BoardView, USUAL_VIEW, sortRows } from "../../data/board-view.ts";
import type { BoardModel } from "../../data/board-model.ts";
import { mapRow, referenceMapRow } from "../../data/map-row.ts";
import { protocolFacts } from "../../data/protocol-facts.ts";
import { type ShownRows, shownReference } from "../../data/shown-rows.ts";

type Shown = Pick<ShownRows, "passing" | "found">;

/** @param reference all of its rows on this board; the counts in words are not about them. */
export function boardMap(
  { passing, found }: Shown,
  view: BoardView,
  { name }: Pick<BoardModel["protocol"], "name">,
  reference: readonly BoardRow[],
): VNode {
  const { axis, isLog } = view;
  const ordered = sortRows(passing, USUAL_VIEW);
  const rows = ordered.map(mapRow);
  const outlined = shownReference(reference, view).slice(0, MOST_MARKED).map(referenceMapRow);
  const { title } = MAP_AXES[axis];
  const draw = (shape: number) => (canvas: Parameters<typeof complexityGapChart>[1]) =>
    complexityGapChart(rows, canvas, { axis, isLog, outlined, shape });
  return h(
    "figure",
    { class: "chart map" },
    h(
      "figcaption",
      {},
      h("p", { class: "visually-hidden" }, `${title} and generalization gap`),
      ...leftOut(ordered, rows, view).map((text) => h("p", {}, text)),
      passing.length < found ? notDrawn(passing.length, found) : null,
    ),
    ...bothWidths(draw(SHAPE)),
    h(
      "details",
      { class: "reading" },
      h("summary", { "data-focus": "reading" }, "How to read this map"),
      h("p", {}, howToRead(view, name, rows, outlined.length), " ", methodLink()),
    ),
  );
}

/** What its shapes and colours stand for. */
export function boardLegend(
  { passing }: Pick<Shown, "passing">,
  view: BoardView,
  reference: readonly BoardRow[],
): VNode {
  const outlined = shownReference(reference, view);
  return legend(mapLegend([...passing, ...outlined], outlined.length > 0));
}

const methodLink = () => h("a", { href: "/method/" }, "What is measured");

/** Low enough that the first rows of the table stand below it on a laptop's screen. */
const SHAPE = 0.38;

function howToRead(
  { axis, isLog }: BoardView,
  protocol: string,
  rows: readonly ComplexityGapRow[],
  outlined: number,
): string {
  const { further } = MAP_AXES[axis];
  const crowd = `Above ${MOST_MARKED} points the bars are left out, and a point shows its numbers when the pointer is near.`;
  return [
    `Each point is one entry, its bars are 95 % intervals over seeds. Further right, ${further}; further up, it loses more between`,
    "training and test images. A map, not a race: a point further left is not a better network. Colour is the regularizer, shape the family of",
    "architectures; points of one shape are told apart by their names. With the keyboard, arrow keys lead from point to point.",
    ...(axis === "equivalentWidth" ? [comparableWidths(protocol)] : []),
    ...(axis === "nullShare" ? [NULL_SHARE] : []),
    ...(isLog ? [POWERS] : []),
    ...(rows.length > MOST_MARKED ? [crowd] : []),
    ...(outlined > 0 ? ["Outlined points are the reference's."] : []),
  ].join(" ");
}

const POWERS =
  "On a log scale equal distances are equal ratios; a bar is cut where it reaches below a quarter of its mean, and zero has no place.";

const NULL_SHARE =
  "The null here is what ridge regression fits to a shapeless cloud of the same width and number of images.";

/** Not everybody's connection should carry ten thousand rows unasked. */
function notDrawn(drawn: number, found: number): VNode {
  const action = { type: "button", class: "link", "data-action": "all", "data-focus": "all" };
  const words = `${count(drawn)} of ${count(found)} entries are drawn. `;
  return h("p", {}, words, h("button", action, "Draw all of them"));
}

/** Rows without a place, and those whose place is a bound. */
function leftOut(
  passing: readonly BoardRow[],
  rows: readonly ComplexityGapRow[],
  { axis, isLog }: BoardView,
): string[] {
  const homeless = passing.filter((_, i) => placedOn(axis, rows[i]!, isLog) === null);
  const isOnlyLog = (row: BoardRow) => isLog && placedOn(axis, mapRow(row)) !== null;
  const onlyLog = homeless.filter(isOnlyLog).length;
  const words = [
    ...bounds(axis, rows),
    ...without(
      axis,
      homeless.filter((row) => !isOnlyLog(row)),
    ),
    ...(onlyLog === 0 ? [] : [said(onlyLog, "at zero or below")]),
  ];
  return words.length === 0 ? [] : [words.join(" ")];
}

/** @param protocol its name. */
function comparableWidths(protocol: string): string {
  const facts = protocolFacts(protocol);
  const here = facts === undefined ? "" : ` (here n = ${count(facts.headline)}, ${samples(facts)})`;
  return `Widths are numbers of features, and compare at one n and one number of training images only${here}.`;
}

function samples({ subset, classes }: NonNullable<ReturnType<typeof protocolFacts>>): string {
  return subset === null ? "all of the data set's" : plural(subset.perClass * classes, "image");
}

function bounds(axis: MapAxis, rows: readonly ComplexityGapRow[]): string[] {
  const bounded = rows.filter((row) => (placedOn(axis, row)?.bound ?? null) !== null).length;
  return bounded === 0
    ? []
    : [
        `${plural(bounded, "entry", "entries")} ${bounded === 1 ? "has" : "have"} only a bound, marked ≤ or ≥.`,
      ];
}

/** How many entries lack a place, and why. */
function without(axis: MapAxis, homeless: readonly BoardRow[]): string[] {
  const diverged = homeless.filter(({ divergence }) => divergence !== null).length;
  const others = homeless.length - diverged;
  const { one } = MAP_AXES[axis];
  return [
    ...(diverged === 0 ? [] : [said(diverged, "with a diverged run")]),
    ...(others === 0 ? [] : [said(others, `without ${one} or a gap`)]),
  ];
}

const said = (number: number, why: string) =>
  `${number === 1 ? "One entry" : `${count(number)} entries`} ${why} ${number === 1 ? "has" : "have"} no place on it.`;
