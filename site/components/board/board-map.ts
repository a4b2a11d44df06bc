/** @file A board's main chart: the rows that the filters let through as a map, and the choice of its horizontal axis. */

import type { VNode } from "preact";
import type { BoardRow } from "../../../record/board/board-row.ts";
import {
  type ComplexityGapRow,
  complexityGapChart,
  mapLegend,
  placedOn,
} from "../../charts/complexity-gap.ts";
import { MAP_AXES, type MapAxis } from "../../charts/map-axes.ts";
import { bothWidths, figure } from "../../charts/figure.ts";
import { count, plural } from "../../charts/numbers.ts";
import { MAP_ROWS, type BoardView } from "../../data/board-view.ts";
import { type BoardModel, rowAnchor } from "../../data/board-model.ts";
import { protocolFacts } from "../../data/protocol-facts.ts";
import { type ShownRows, shownReference } from "../../data/shown-rows.ts";

type Shown = Pick<ShownRows, "passing" | "found" | "architectures">;

/** @param reference all of its rows on this board; the caption's counts are not about them. */
export function boardMap(
  { passing, found, architectures }: Shown,
  view: BoardView,
  { name }: Pick<BoardModel["protocol"], "name">,
  reference: readonly BoardRow[],
): VNode {
  const { axis } = view;
  const shown = passing.slice(0, MAP_ROWS);
  const rows = shown.map(mapRow);
  const outlined = shownReference(reference, view).slice(0, MAP_ROWS).map(mapRow);
  const shapes = [...architectures, ...reference.map(({ arch }) => arch)];
  const homeless = shown.filter((_, i) => placedOn(axis, rows[i]!) === null);
  const { title, further } = MAP_AXES[axis];
  const caption = [
    `Each point is one entry, its bars are 95 % intervals over seeds. Further right, ${further}; further up, it loses more between`,
    "training and test images. A map, not a race: a point further left is not a better network.",
    ...(axis === "equivalentWidth" ? [comparableWidths(name)] : []),
    ...bounds(axis, rows),
    ...(found > MAP_ROWS
      ? [`Shown are the first ${MAP_ROWS} of ${count(found)} rows in the table's order.`]
      : []),
    ...without(axis, homeless),
    ...(outlined.length > 0 ? ["Outlined points are the reference's."] : []),
  ];
  return figure(
    {
      title: `${title} and generalization gap`,
      caption: caption.join(" "),
      legend: mapLegend([...rows, ...outlined], shapes, outlined.length > 0),
      columns: [],
      rows: [],
    },
    bothWidths((canvas) => complexityGapChart(rows, canvas, shapes, axis, outlined)),
  );
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
  const said = (number: number, why: string) =>
    `${number === 1 ? "One entry" : `${count(number)} entries`} ${why} ${number === 1 ? "has" : "have"} no place on it.`;
  const others = homeless.length - diverged;
  const { one } = MAP_AXES[axis];
  return [
    ...(diverged === 0 ? [] : [said(diverged, "with a diverged run")]),
    ...(others === 0 ? [] : [said(others, `without ${one} or a gap`)]),
  ];
}

function mapRow({ entry, arch, regs, numbers, panel, fresh, ...row }: BoardRow): ComplexityGapRow {
  const { learnedComplexity, capacity, equivalentWidth, gap, testAccuracy } = numbers;
  const { equivalentWidthBound } = row;
  const seeds = gap?.count ?? panel + fresh;
  return {
    ...{ arch, regs, learnedComplexity, capacity, equivalentWidth, equivalentWidthBound },
    ...{ gap, testAccuracy, seeds, href: `#${rowAnchor(entry)}` },
  };
}
