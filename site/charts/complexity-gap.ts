/** @file The main chart: random-label complexity against generalization gap. A map, not a race. */

import * as Plot from "@observablehq/plot";
import type { Interval } from "../../record/interval.ts";
import { FAMILIES, architectureSymbols, regularizerFamily } from "./families.ts";
import { bothWidths, figure } from "./figure.ts";
import { mapLegend } from "./map-legend.ts";
import { intervalBars, mapPoint, pointLabels } from "./map-points.ts";
import { percentInterval } from "./percent.ts";
import { type Canvas, GRID, drawPlot, paddedDomain, percentTick } from "./plot.ts";

export interface ComplexityGapRow {
  arch: string;
  /** Canonical regularizers. */
  regs: string;
  /** Normalised RL-acc of the headline heads; null keeps the row off the chart. */
  complexity: Interval | null;
  /** Train minus test accuracy, as a share. */
  gap: Interval | null;
  /** A gap alone misleads: who learns nothing has none. */
  testAccuracy: Interval | null;
  /** Completed seeds. */
  seeds: number;
  /** Where a click on the point leads; null for nowhere. */
  href: string | null;
}

type Placed = ComplexityGapRow & { complexity: Interval; gap: Interval };

/** Bars of more points than this are a carpet that hides them. */
const MANY = 100;

const isPlaced = (row: ComplexityGapRow): row is Placed =>
  row.complexity !== null && row.gap !== null;

/**
 * One point a row, 95 % intervals both ways, colour = family of regularizer, shape = architecture.
 *
 * @param architectures see `mapLegend`.
 */
export function complexityGapChart(
  rows: readonly ComplexityGapRow[],
  canvas: Canvas,
  architectures: readonly string[] = rows.map(({ arch }) => arch),
): SVGElement {
  const placed = rows.filter(isPlaced);
  const symbols = architectureSymbols(architectures);
  const points = placed.map((row) => ({
    ...row,
    ...mapPoint(row.complexity, row.gap),
    label: symbols.size > 1 && canvas.width > 500 ? `${row.arch} ${row.regs}` : row.regs,
    color: FAMILIES[regularizerFamily(row.regs)].color,
    symbol: symbols.get(row.arch)!,
  }));
  const xTicks = canvas.width > 500 ? 8 : 4;
  return drawPlot(canvas, naming(placed), {
    height: Math.round(Math.max(300, canvas.width * 0.62)),
    marginLeft: 44,
    marginBottom: 42,
    marginTop: 28,
    marginRight: 16,
    x: {
      domain: paddedDomain(points.flatMap(({ x1, x2 }) => [x1, x2])),
      label: "Random-label complexity (%)",
      tickFormat: percentTick,
      ticks: xTicks,
    },
    y: {
      domain: paddedDomain(points.flatMap(({ y1, y2 }) => [y1, y2])),
      label: "Generalization gap (points)",
      tickFormat: percentTick,
      ticks: 6,
    },
    marks: [
      Plot.gridX({ ...GRID, ticks: xTicks }),
      Plot.gridY({ ...GRID, ticks: 6 }),
      ...intervalBars(points, points.length > MANY ? 0.2 : 0.75),
      Plot.dot(points, {
        x: "x",
        y: "y",
        r: 5.5,
        fill: "color",
        symbol: "symbol",
        stroke: "var(--paper)",
        strokeWidth: 1,
        title: tip,
        ...(points.some(({ href }) => href !== null) && { href: "href", ariaLabel: tip }),
      }),
      pointLabels(points),
    ],
  });
}

/** The chart with caption, legend and table. */
export function complexityGapFigure(
  rows: readonly ComplexityGapRow[],
  document: Document,
): HTMLElement {
  return figure(
    document,
    {
      title: "Random-label complexity and generalization gap",
      caption:
        "Each point is one configuration; its bars are 95 % intervals over seeds. Further right, the network's " +
        "features let arbitrary labels be separated more easily (0 % = chance, 100 % = every random label learned). " +
        "Further up, it loses more between training and test images. Look for what moves together and what does " +
        "not: a point further left is not a better network.",
      legend: mapLegend(rows),
      columns: [
        { title: "configuration" },
        { title: "complexity (%)", numeric: true },
        { title: "gap (points)", numeric: true },
        { title: "test accuracy (%)", numeric: true },
        { title: "seeds", numeric: true },
      ],
      rows: rows.map((row) => [
        `${row.arch} ${row.regs}`,
        percentInterval(row.complexity),
        percentInterval(row.gap),
        percentInterval(row.testAccuracy),
        String(row.seeds),
      ]),
    },
    bothWidths(document, (canvas) => complexityGapChart(rows, canvas)),
  );
}

function tip({ arch, regs, complexity, gap, testAccuracy, seeds }: Placed): string {
  return [
    `${arch}, ${regs}`,
    `complexity ${percentInterval(complexity)} %`,
    `gap ${percentInterval(gap)} points`,
    `test accuracy ${percentInterval(testAccuracy)} %`,
    `${seeds} ${seeds === 1 ? "seed" : "seeds"}`,
  ].join("\n");
}

function naming(placed: readonly Placed[]) {
  const said = placed.map(
    ({ arch, regs, complexity, gap }) =>
      `${arch} ${regs}: complexity ${percentInterval(complexity)} %, gap ${percentInterval(gap)} points.`,
  );
  return {
    label: "Scatter plot of random-label complexity against generalization gap",
    description: said.join(" ") || "No configuration is complete yet.",
    role: placed.some(({ href }) => href !== null) ? ("group" as const) : ("img" as const),
  };
}
