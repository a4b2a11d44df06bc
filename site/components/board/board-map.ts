/** @file A board's main chart: the rows that the filters let through as a map. */

import type { VNode } from "preact";
import type { BoardRow } from "../../../record/board/board-row.ts";
import {
  type ComplexityGapRow,
  complexityGapChart,
  mapLegend,
} from "../../charts/complexity-gap.ts";
import { bothWidths, figure } from "../../charts/figure.ts";
import { count } from "../../charts/numbers.ts";
import { MAP_ROWS } from "../../data/board-view.ts";
import { rowAnchor } from "../../data/board-model.ts";
import type { ShownRows } from "../../data/shown-rows.ts";

type Shown = Pick<ShownRows, "passing" | "found" | "architectures">;

export function boardMap({ passing, found, architectures }: Shown): VNode {
  const rows = passing.slice(0, MAP_ROWS).map(mapRow);
  return figure(
    {
      title: "Random-label complexity and generalization gap",
      caption: caption(passing, found),
      legend: mapLegend(rows, architectures),
      columns: [],
      rows: [],
    },
    bothWidths((canvas) => complexityGapChart(rows, canvas, architectures)),
  );
}

function caption(passing: readonly BoardRow[], found: number): string {
  const shown = passing.slice(0, MAP_ROWS);
  const homeless = shown.filter(
    ({ numbers: { learnedComplexity, gap } }) => learnedComplexity === null || gap === null,
  );
  const few =
    found > MAP_ROWS
      ? ` Shown are the first ${MAP_ROWS} of ${count(found)} rows in the table's order.`
      : "";
  const missing =
    homeless.length === 0
      ? ""
      : ` ${homeless.length === 1 ? "One entry" : `${count(homeless.length)} entries`} with a diverged run ${homeless.length === 1 ? "has" : "have"} no place on it.`;
  return (
    "Each point is one entry, its bars are 95 % intervals over seeds. Further right, its features let arbitrary " +
    "labels be separated more easily; further up, it loses more between training and test images. A map, not a " +
    `race: a point further left is not a better network.${few}${missing}`
  );
}

function mapRow({ entry, arch, regs, numbers, panel, fresh }: BoardRow): ComplexityGapRow {
  const { learnedComplexity, gap, testAccuracy } = numbers;
  const seeds = learnedComplexity?.count ?? panel + fresh;
  return { arch, regs, learnedComplexity, gap, testAccuracy, seeds, href: `#${rowAnchor(entry)}` };
}
