/** @file What each way of training changes against `none`: complexity across, the generalization gap upright. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import type { Findings } from "../../record/replication/findings.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { mapLegend } from "./complexity-gap.ts";
import { FAMILIES, architectureShape, regularizerFamily } from "./families.ts";
import { figure } from "./figure.ts";
import { ends, percentInterval } from "./numbers.ts";
import { type Canvas, GRID, PANEL, canvasOf, drawPlot, panels, percentTick } from "./plot.ts";

export type Change = Findings["explanation"]["interventions"][number];

const ACROSS = { learnedComplexity: "learned complexity", capacity: "capacity" } as const;
type Across = keyof typeof ACROSS;

/** A point with its two 95 % intervals for each way; the lines are no change. */
export function complexityChangesChart(
  changes: readonly Change[],
  across: Across,
  canvas: Canvas,
): SVGElement {
  const x = ({ changes }: Change) => changes[across];
  const y = ({ changes }: Change) => changes.gap;
  const color = ({ regs }: Change) => FAMILIES[regularizerFamily(regs)].color;
  return drawPlot(canvas, naming(changes, across), {
    height: 300,
    ...{ marginLeft: 44, marginRight: 14, marginTop: 26, marginBottom: 40 },
    x: {
      domain: domainOf(changes.map(x)),
      label: `change of ${ACROSS[across]} (points)`,
      tickFormat: percentTick,
      ticks: 4,
    },
    y: {
      domain: domainOf(changes.map(y)),
      label: "change of gap (points)",
      tickFormat: percentTick,
      ticks: 5,
    },
    marks: [
      Plot.gridX({ ...GRID, ticks: 4 }),
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.ruleX([0], { stroke: "var(--ink)" }),
      Plot.ruleY([0], { stroke: "var(--ink)" }),
      Plot.link(changes, {
        ...{ stroke: color, strokeOpacity: 0.5 },
        x1: (each: Change) => ends(x(each))[0],
        x2: (each: Change) => ends(x(each))[1],
        y1: (each: Change) => y(each).mean,
        y2: (each: Change) => y(each).mean,
      }),
      Plot.link(changes, {
        ...{ stroke: color, strokeOpacity: 0.5 },
        x1: (each: Change) => x(each).mean,
        x2: (each: Change) => x(each).mean,
        y1: (each: Change) => ends(y(each))[0],
        y2: (each: Change) => ends(y(each))[1],
      }),
      Plot.dot(changes, {
        ...{ r: 4, fill: color, symbol: ({ network }: Change) => architectureShape(network) },
        x: (each: Change) => x(each).mean,
        y: (each: Change) => y(each).mean,
        title: words,
      }),
    ],
  });
}

export function complexityChangesFigure(changes: readonly Change[]): VNode {
  return figure(
    {
      title: "What each way of training changes",
      caption:
        "Against the same network trained without a regularizer, paired by seed. If complexity explained the gap, points would climb from the lower left to the upper right. Bars are 95 % intervals, uncorrected.",
      legend: mapLegend(changes.map(({ network, regs }) => ({ arch: network, regs }))),
      columns: [
        { title: "configuration" },
        ...["learned complexity", "capacity", "gap", "test accuracy"].map((title) => ({
          ...{ title: `${title} (points)`, numeric: true as const },
        })),
      ],
      rows: changes.map(({ network, regs, changes: by }) => [
        `${network} ${regs}`,
        ...[by.learnedComplexity, by.capacity, by.gap, by.testAccuracy].map((each) =>
          percentInterval(each),
        ),
      ]),
    },
    [
      panels(
        (Object.keys(ACROSS) as Across[]).map((across) => ({
          title: `Gap against ${ACROSS[across]}`,
          picture: complexityChangesChart(changes, across, canvasOf(PANEL)),
        })),
        true,
      ),
    ],
  );
}

/** Zero is always in it. */
function domainOf(intervals: readonly Interval[]): [number, number] {
  const all = [0, ...intervals.flatMap(ends)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(0.06 * (high - low), 0.005);
  return [low - room, high + room];
}

const words = ({ network, regs, changes }: Change): string =>
  `${network} ${regs}: learned complexity ${percentInterval(changes.learnedComplexity)}, capacity ${percentInterval(changes.capacity)}, gap ${percentInterval(changes.gap)} points`;

function naming(changes: readonly Change[], across: Across) {
  return {
    label: `Changes of ${ACROSS[across]} and of the generalization gap`,
    description: changes.map((each) => `${words(each)}.`).join(" ") || "Nothing to compare.",
    role: "img" as const,
  };
}
