/** @file Capacity by depth of tap, beside the frozen trunk's and the null. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import {
  type Canvas,
  canvasOf,
  GRID,
  type LineEnd,
  PANEL,
  drawPlot,
  endLabels,
  endMargin,
  panels,
  percentTick,
  rescaledInterval,
} from "./plot.ts";
import { figure } from "./figure.ts";
import { ends, percent, percentInterval } from "./numbers.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import type { Estimate, Summary } from "../../record/summary.ts";
import { FAMILIES, regularizerFamily } from "./families.ts";

/** One line a configuration; dashed: frozen trunk; dotted: null of the width; hollow: null of the leverages. Bars are 95 % intervals. */
export function depthChart(row: DepthRow, canvas: Canvas): SVGElement {
  const lines = depthLines(row).filter(({ points }) => points.length > 0);
  const rungs = row.trained.flatMap(({ regs, leverages }) =>
    pointsOf(leverages, row).map((point) => ({ ...point, color: colorOf(regs) })),
  );
  const means = [...rungs, ...lines.flatMap(({ points }) => points)].map(({ mean }) => mean);
  const [bottom, top] = [Math.min(0, ...means), Math.min(1, 1.08 * Math.max(0.05, ...means))];
  return drawPlot(canvas, naming(row), {
    height: 270,
    marginLeft: 36,
    marginRight: endMargin(lines),
    marginTop: 24,
    marginBottom: 40,
    x: { type: "point", domain: row.taps, label: "tap, by depth", padding: 0.15 },
    y: {
      domain: [bottom, top],
      label: `A (%) at n = ${row.n}`,
      tickFormat: percentTick,
      ticks: 5,
    },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      ...lines.flatMap(({ points, color, dash, width }) => [
        Plot.ruleX(points, {
          x: "tap",
          y1: ({ low }: DepthPoint) => Math.max(bottom, low),
          y2: ({ high }: DepthPoint) => Math.min(top, high),
          stroke: color,
        }),
        Plot.lineY(points, {
          x: "tap",
          y: "mean",
          stroke: color,
          strokeWidth: width,
          ...(dash !== null && { strokeDasharray: dash }),
        }),
        Plot.dot(points, { x: "tap", y: "mean", r: 2.5, fill: color }),
      ]),
      Plot.dot(rungs, {
        ...{ x: "tap", y: "mean", symbol: "diamond2", r: 4 },
        ...{ stroke: "color", fill: "var(--paper)" },
      }),
      endLabels(lines, row.taps.at(-1) ?? ""),
    ],
  });
}

/** One panel an architecture, with caption, legend and table. */
export function depthFigure(rows: readonly DepthRow[]): VNode {
  return figure(
    {
      title: "Capacity by depth",
      caption:
        "Ridge regression of redraws, labellings that no head met, on the final features of each tap: 0 % is chance, 100 % every " +
        "label. Dashed is the trunk before training, so the distance to it is what training added or took away. Dotted is the null " +
        "of the features' width, hollow the null of their leverages: a line below its hollow marks has fewer labels right than clouds " +
        "with the features' spectrum and leverages. Each panel has its own scale.",
      legend: [
        { sign: { kind: "line", color: "var(--ink)", dash: null, width: 2 }, text: "network" },
        {
          sign: { kind: "line", color: "var(--faint)", dash: "6 3", width: 2 },
          text: "frozen trunk",
        },
        {
          sign: { kind: "line", color: "var(--faint)", dash: "1 4", width: 2 },
          text: "null: counts",
        },
        {
          sign: { kind: "dot", symbol: "diamond2", color: "var(--ink)", hollow: true },
          text: "null: leverages, declared",
        },
      ],
      columns: [
        { title: "configuration" },
        { title: "tap" },
        { title: "capacity (%)", numeric: true },
        { title: "frozen trunk (%)", numeric: true },
        { title: "null: counts (%)", numeric: true },
        { title: "null: leverages (%) · declared", numeric: true },
      ],
      rows: rows.flatMap((row) =>
        row.trained.flatMap(({ regs, byTap, leverages }) =>
          byTap.map((interval, i) => [
            `${row.arch} ${regs}`,
            row.taps[i] ?? String(i + 1),
            percentInterval(interval),
            percentInterval(row.frozen[i] ?? null),
            percent(row.counts[i]?.mean ?? null),
            percentInterval(leverages[i] ?? null),
          ]),
        ),
      ),
    },
    [
      panels(
        rows.map((row) => ({
          title: row.arch,
          picture: depthChart(row, canvasOf(PANEL)),
        })),
      ),
    ],
  );
}

function naming(row: DepthRow) {
  const said = depthLines(row).map(
    ({ label, points }) =>
      `${label}: ${points.map(({ tap, mean }) => `${tap} ${percent(mean)} %`).join(", ")}.`,
  );
  return {
    label: `Capacity by depth of ${row.arch}`,
    description: said.join(" "),
    role: "img" as const,
  };
}

/** One architecture. Every value is A: 0 is chance and 1 everything. */
export interface DepthRow {
  arch: string;
  /** Size of the label space. */
  n: number;
  /** Names of the taps in order of depth. */
  taps: readonly string[];
  /** For each configuration a value at each tap; null where it was not measured. */
  trained: readonly {
    regs: string;
    byTap: readonly (Interval | null)[];
    /** What a cloud with the spectrum and the leverages of these features would give. */
    leverages: readonly (Interval | null)[];
  }[];
  /** On the trunk at initialisation. */
  frozen: readonly (Interval | null)[];
  /** What a shapeless cloud of the tap's width would give. */
  counts: readonly (Interval | null)[];
}

/** Shares; `low` and `high` bound the 95 % interval. */
interface DepthPoint {
  tap: string;
  mean: number;
  low: number;
  high: number;
}

interface DepthLine extends LineEnd {
  dash: string | null;
  width: number;
  points: DepthPoint[];
}

const FROZEN = { color: "var(--faint)", dash: "6 3", width: 2 } as const;
const NULL = { color: "var(--faint)", dash: "1 4", width: 2 } as const;

/** The controls first, so that the configurations are drawn over them. */
function depthLines(row: DepthRow): DepthLine[] {
  return [
    lineOf("null", row.counts, row, NULL),
    lineOf("frozen", row.frozen, row, FROZEN),
    ...row.trained.map(({ regs, byTap }) =>
      lineOf(regs, byTap, row, { color: colorOf(regs), dash: null, width: 2 }),
    ),
  ];
}

const colorOf = (regs: string) => FAMILIES[regularizerFamily(regs)].color;

function lineOf(
  label: string,
  byTap: readonly (Interval | null)[],
  row: DepthRow,
  style: Pick<DepthLine, "color" | "dash" | "width">,
): DepthLine {
  const points = pointsOf(byTap, row);
  return { label, points, y: points.at(-1)?.mean ?? 0, ...style };
}

function pointsOf(byTap: readonly (Interval | null)[], { taps }: DepthRow): DepthPoint[] {
  return byTap.flatMap((interval, i) => {
    if (interval === null) return [];
    const [low, high] = ends(interval);
    return { tap: taps[i] ?? String(i + 1), mean: interval.mean, low, high };
  });
}

interface TapEstimate {
  tap: number;
  n: number;
}

/** What one configuration's controls give a row: A at the headline n of each tap. */
export function depthOf(
  { refit, frozen, null: rungs }: NonNullable<Summary["controls"]>,
  taps: readonly string[],
  n: number,
) {
  const byTap = <T extends TapEstimate>(values: readonly T[], read: (value: T) => Estimate) =>
    taps.map((_, i) => {
      const value = values.find((each) => each.tap === i + 1 && each.n === n);
      return value === undefined ? null : read(value);
    });
  return {
    byTap: byTap(refit, ({ capacity }) => capacity),
    frozen: byTap(frozen, ({ capacity }) => capacity),
    counts: byTap(rungs, ({ counts }) => rescaledInterval(counts, n)),
    leverages: byTap(rungs, ({ leverages }) => rescaledInterval(leverages, n)),
  };
}
