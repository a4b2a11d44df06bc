/** @file One measure against the generalization gap. */

import * as Plot from "@observablehq/plot";
import { FAMILIES, architectureSymbols, regularizerFamily } from "./families.ts";
import { type Canvas, GRID, drawPlot, paddedDomain, percentTick } from "./plot.ts";

export interface MeasurePoint {
  arch: string;
  regs: string;
  measure: number;
  /** As a share. */
  gap: number;
}

export interface MeasureScatter {
  title: string;
  points: readonly MeasurePoint[];
}

export function measureScatterChart({ title, points }: MeasureScatter, canvas: Canvas): SVGElement {
  const symbols = architectureSymbols(points.map(({ arch }) => arch));
  return drawPlot(canvas, naming(title, points), {
    height: 260,
    marginLeft: 44,
    marginRight: 14,
    marginTop: 26,
    marginBottom: 40,
    x: {
      domain: paddedDomain(points.map(({ measure }) => measure)),
      label: title,
      ticks: 4,
      tickFormat: "~s",
    },
    y: {
      domain: paddedDomain(points.map(({ gap }) => gap)),
      label: "gap (points)",
      tickFormat: percentTick,
      ticks: 5,
    },
    marks: [
      Plot.gridX({ ...GRID, ticks: 4 }),
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.dot(points, {
        x: "measure",
        y: "gap",
        r: 4,
        fill: ({ regs }: MeasurePoint) => FAMILIES[regularizerFamily(regs)].color,
        symbol: ({ arch }: MeasurePoint) => symbols.get(arch)!,
        title: ({ arch, regs, measure, gap }: MeasurePoint) =>
          `${arch}, ${regs}\n${title} ${Number(measure.toPrecision(4))}\ngap ${percentTick(gap)} points`,
      }),
    ],
  });
}

function naming(title: string, points: readonly MeasurePoint[]) {
  return {
    label: `Scatter plot of ${title} against generalization gap`,
    description:
      points.length === 0
        ? "No entry has both."
        : `${points.length} entries; the bars above say how well one orders the other.`,
    role: "img" as const,
  };
}
