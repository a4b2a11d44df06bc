/** @file Refitted random-label accuracy by depth of tap, beside the frozen random trunk and the null. */

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
} from "./plot.ts";
import { figure } from "./figure.ts";
import { ends, percent, percentInterval } from "./numbers.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { FAMILIES, regularizerFamily } from "./families.ts";

/** One line a configuration; dashed: frozen random trunk; dotted: null. Bars are 95 % intervals. */
export function depthChart(row: DepthRow, canvas: Canvas): SVGElement {
  const lines = depthLines(row).filter(({ points }) => points.length > 0);
  const means = lines.flatMap(({ points }) => points.map(({ mean }) => mean));
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
      label: `% of random labels (n = ${row.n})`,
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
      endLabels(lines, row.taps.at(-1) ?? ""),
    ],
  });
}

/** One panel an architecture, with caption, legend and table. */
export function depthFigure(rows: readonly DepthRow[]): VNode {
  return figure(
    {
      title: "Random-label accuracy by depth",
      caption:
        "Random labels refitted by ridge regression on the final features of each tap, rescaled so that 0 % is " +
        "chance. The dashed line is the same refit on the trunk before training, so the distance to it is what " +
        "training added or took away; the dotted one is what width and sample size alone would give. See at which " +
        "depth a regularizer acts. Each panel has its own scale.",
      legend: [
        { sign: { kind: "line", color: "var(--ink)", dash: null, width: 2 }, text: "trained" },
        {
          sign: { kind: "line", color: "var(--faint)", dash: "6 3", width: 2 },
          text: "frozen random trunk",
        },
        {
          sign: { kind: "line", color: "var(--faint)", dash: "1 4", width: 2 },
          text: "null: width and sample size alone",
        },
      ],
      columns: [
        { title: "configuration" },
        { title: "tap" },
        { title: "refit (%)", numeric: true },
        { title: "frozen trunk (%)", numeric: true },
        { title: "null (%)", numeric: true },
      ],
      rows: rows.flatMap((row) =>
        row.refits.flatMap(({ regs, byTap }) =>
          byTap.map((interval, i) => [
            `${row.arch} ${regs}`,
            row.taps[i] ?? String(i + 1),
            percentInterval(interval),
            percentInterval(row.frozen[i] ?? null),
            percent(row.null[i]?.mean ?? null),
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
    label: `Random-label accuracy by depth of ${row.arch}`,
    description: said.join(" "),
    role: "img" as const,
  };
}

/** One architecture. All accuracies are rescaled so that 0 is chance and 1 everything. */
export interface DepthRow {
  arch: string;
  /** Size of the label space. */
  n: number;
  /** Names of the taps in order of depth. */
  taps: readonly string[];
  /** For each configuration a value at each tap; null where it was not measured. */
  refits: readonly { regs: string; byTap: readonly (Interval | null)[] }[];
  /** The same refit on the trunk at initialisation. */
  frozen: readonly (Interval | null)[];
  /** What a generic cloud of that width would give. */
  null: readonly (Interval | null)[];
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
    lineOf("null", row.null, row, NULL),
    lineOf("frozen", row.frozen, row, FROZEN),
    ...row.refits.map(({ regs, byTap }) => {
      const { color } = FAMILIES[regularizerFamily(regs)];
      return lineOf(regs, byTap, row, { color, dash: null, width: 2 });
    }),
  ];
}

function lineOf(
  label: string,
  byTap: readonly (Interval | null)[],
  { taps }: DepthRow,
  style: Pick<DepthLine, "color" | "dash" | "width">,
): DepthLine {
  const points = byTap.flatMap((interval, i) => {
    if (interval === null) return [];
    const [low, high] = ends(interval);
    return { tap: taps[i] ?? String(i + 1), mean: interval.mean, low, high };
  });
  return { label, points, y: points.at(-1)?.mean ?? 0, ...style };
}
