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
  /** That share the shapes out, on all scatters alike: not every one has every measure. */
  architectures: readonly string[];
}

export function measureScatterChart(
  { title, points, architectures }: MeasureScatter,
  canvas: Canvas,
): SVGElement {
  const symbols = architectureSymbols(architectures);
  return drawPlot(canvas, naming(title, points), {
    height: 260,
    marginLeft: 44,
    marginRight: 14,
    marginTop: 26,
    marginBottom: 40,
    x: {
      domain: domainOf(points.map(({ measure }) => measure)),
      label: title,
      ticks: 4,
      ...(points.some(({ measure }) => Math.abs(measure) >= 1e4) && { tickFormat: short }),
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

/** Measures have scales of their own, from shares to millions. */
function domainOf(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = low === high ? Math.max(0.5, 0.2 * Math.abs(high)) : 0.06 * (high - low);
  return [low - room, high + room];
}

/** `1.84M`, `42k`: room for four ticks. */
function short(value: number): string {
  const [divisor, unit] =
    Math.abs(value) >= 1e6 ? [1e6, "M"] : Math.abs(value) >= 1e4 ? [1e3, "k"] : [1, ""];
  return `${Number((value / divisor).toPrecision(4))}${unit}`.replace("-", "−");
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
