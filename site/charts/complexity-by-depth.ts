/** @file Refitted random-label accuracy by depth of tap, beside the frozen random trunk and the null. */

import * as Plot from "@observablehq/plot";
import type { Interval } from "../../record/statistics.ts";
import { endLabels, endMargin, type LineEnd } from "./end-labels.ts";
import { FAMILIES, regularizerFamily } from "./families.ts";
import { figure } from "./figure.ts";
import { PANEL, panels } from "./panels.ts";
import { ends, percent, percentInterval } from "./percent.ts";
import { type Canvas, GRID, drawPlot, percentTick } from "./plot.ts";

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

interface Line extends LineEnd {
  dash: string | null;
  width: number;
  /** Shares; `low` and `high` bound the 95 % interval. */
  points: { tap: string; mean: number; low: number; high: number }[];
}

/** One line a configuration; dashed: frozen random trunk; dotted: null. Bars are 95 % intervals. */
export function depthChart(row: DepthRow, canvas: Canvas): SVGElement {
  const lines = linesOf(row).filter(({ points }) => points.length > 0);
  const low = Math.min(0, ...lines.flatMap(({ points }) => points.map(({ mean }) => mean)));
  return drawPlot(canvas, naming(row), {
    height: 270,
    marginLeft: 36,
    marginRight: endMargin(lines),
    marginTop: 24,
    marginBottom: 40,
    x: { type: "point", domain: row.taps, label: "tap, by depth", padding: 0.15 },
    y: {
      domain: [low, 1],
      label: `% of random labels (n = ${row.n})`,
      tickFormat: percentTick,
      ticks: 5,
    },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      ...lines.flatMap(({ points, color, dash, width }) => [
        Plot.ruleX(points, { x: "tap", y1: "low", y2: "high", stroke: color }),
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
export function depthFigure(rows: readonly DepthRow[], document: Document): HTMLElement {
  return figure(
    document,
    {
      title: "Random-label accuracy by depth",
      caption:
        "Random labels refitted by ridge regression on the final features of each tap, rescaled so that 0 % is " +
        "chance. Only what lies above the dashed line was added by training: a random, untrained trunk of the " +
        "same shape gives that line, and width and sample size alone give the dotted one. See where in the depth " +
        "a regularizer acts.",
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
        document,
        rows.map((row) => ({
          title: row.arch,
          picture: depthChart(row, { document, width: PANEL }),
        })),
      ),
    ],
  );
}

function linesOf(row: DepthRow): Line[] {
  return [
    lineOf("null", row.null, row, { color: "var(--faint)", dash: "1 4", width: 2 }),
    lineOf("frozen", row.frozen, row, { color: "var(--faint)", dash: "6 3", width: 2 }),
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
  style: Pick<Line, "color" | "dash" | "width">,
): Line {
  const points = byTap.flatMap((interval, i) => {
    if (interval === null) return [];
    const [low, high] = ends(interval);
    return { tap: taps[i] ?? String(i + 1), mean: interval.mean, low, high };
  });
  return { label, points, y: points.at(-1)?.mean ?? 0, ...style };
}

function naming(row: DepthRow) {
  const said = linesOf(row).map(
    ({ label, points }) =>
      `${label}: ${points.map(({ tap, mean }) => `${tap} ${percent(mean)} %`).join(", ")}.`,
  );
  return {
    label: `Random-label accuracy by depth of ${row.arch}`,
    description: said.join(" "),
    role: "img" as const,
  };
}
