/** @file What each regularizer does to an architecture: arrows from the unregularized network. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { csvNames } from "../../record/csv.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { FAMILIES, regularizerFamily } from "./families.ts";
import { type ChartRows, figure, intervalCells } from "./figure.ts";
import { intervalBars, mapPoint } from "./map-marks.ts";
import {
  type Box,
  type Canvas,
  canvasOf,
  GRID,
  PANEL,
  drawPlot,
  paddedDomain,
  panels,
  percentTick,
  placeLabels,
} from "./plot.ts";
import { percent, percentInterval } from "./numbers.ts";

export interface Position {
  regs: string;
  learnedComplexity: Interval;
  gap: Interval;
  testAccuracy: Interval | null;
}

/** One architecture: its unregularized network and the others. */
export interface ArrowsRow {
  arch: string;
  none: Position;
  others: readonly Position[];
}

/** What the upright axis shows. */
export type Vertical = "gap" | "testAccuracy";
const VERTICALS = { gap: "gap (points)", testAccuracy: "test accuracy (%)" } as const;

/** Arrows in the colour of the regularizer's family; faint bars are the 95 % intervals at their heads. */
export function regularizerArrowsChart(
  { arch, none, others }: ArrowsRow,
  canvas: Canvas,
  vertical: Vertical = "gap",
): SVGElement {
  const points = [none, ...others].map((position) => pointOf(position, vertical));
  const from = points[0]!;
  return drawPlot(canvas, naming(arch, none, others, vertical), {
    height: 280,
    marginLeft: 40,
    marginRight: 12,
    marginTop: 26,
    marginBottom: 40,
    x: {
      domain: paddedDomain(points.flatMap(({ x1, x2 }) => [x1, x2])),
      label: "learned complexity (%)",
      tickFormat: percentTick,
      ticks: 5,
    },
    y: {
      domain: paddedDomain(points.flatMap(({ y1, y2 }) => [y1, y2])),
      label: VERTICALS[vertical],
      tickFormat: percentTick,
      ticks: 5,
    },
    marks: [
      Plot.gridX({ ...GRID, ticks: 5 }),
      Plot.gridY({ ...GRID, ticks: 5 }),
      ...intervalBars(points, 0.45),
      Plot.arrow(points.slice(1), {
        x1: from.x,
        y1: from.y,
        x2: "x",
        y2: "y",
        stroke: "color",
        strokeWidth: 2,
        headLength: 7,
        insetStart: 5,
        insetEnd: 1,
      }),
      Plot.dot([points[0]!], { x: "x", y: "y", r: 4.5, fill: "color" }),
      ...arrowLabels(points),
    ],
  });
}

type Point = ReturnType<typeof pointOf>;

/**
 * Names beside the arrows' heads, clear of arrows and bars where there is room; where there is none, a broad edge in the
 * colour of the paper keeps an arrow from striking the letters through.
 */
function arrowLabels(points: readonly Point[]): Plot.Markish[] {
  const placed = Plot.initializer({}, (_data, facets, _channels, scales, dimensions) => {
    const x = scales.x as unknown as (value: number) => number;
    const y = scales.y as unknown as (value: number) => number;
    const { width, height, marginLeft, marginBottom } = dimensions;
    const frame = { left: marginLeft + 2, right: width, top: 0, bottom: height - marginBottom };
    const heads = points.map((point) => ({ x: x(point.x), y: y(point.y), text: point.label }));
    const bars = points.flatMap((point): Box[] => [
      around([x(point.x1), x(point.x2)], [y(point.y)]),
      around([x(point.x)], [y(point.y1), y(point.y2)]),
    ]);
    const shafts = heads.slice(1).flatMap((head) => alongShaft(heads[0]!, head));
    const places = placeLabels(heads, frame, [...shafts, ...bars]);
    return {
      facets: facets.map((facet) => Array.from(facet).filter((i) => places[i] !== null)),
      channels: {
        x: { value: places.map((place) => place?.x ?? NaN) },
        y: { value: places.map((place) => place?.y ?? NaN) },
      },
    };
  });
  const look = { textAnchor: "start", fontSize: 11, fill: "var(--ink)" } as const;
  return [
    Plot.text(points, {
      text: "label",
      ...look,
      stroke: "var(--paper)",
      strokeWidth: 5,
      ...placed,
    }),
  ];
}

interface Pixel {
  x: number;
  y: number;
}

/** Boxes a few pixels wide, one after the other. */
function alongShaft(from: Pixel, to: Pixel): Box[] {
  const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 6));
  return Array.from({ length: steps }, (_, i) => {
    const at = (a: number, b: number) => a + ((b - a) * (i + 0.5)) / steps;
    return around([at(from.x, to.x)], [at(from.y, to.y)], 3);
  });
}

function around(xs: readonly number[], ys: readonly number[], room = 1): Box {
  return {
    ...{ left: Math.min(...xs) - room, right: Math.max(...xs) + room },
    ...{ top: Math.min(...ys) - room, bottom: Math.max(...ys) + room },
  };
}

/** One panel an architecture, with caption and table. */
export function regularizerArrowsFigure(rows: readonly ArrowsRow[]): VNode {
  return figure(
    {
      title: "What each regularizer moves",
      caption:
        "Arrows lead from the network trained without a regularizer to the same network with one. Left means that " +
        "the heads learned fewer of their random labels, down that the gap became smaller. An arrow that goes down may have " +
        "learned less, so see its test accuracy; one shorter than the faint bars at its head may be chance. Changes are " +
        "differences of means, without interval or test: a small one does not show that nothing changed. " +
        "Each panel has its own axes.",
      legend: [],
      columns: [
        { title: "configuration" },
        { title: "learned complexity (%)", numeric: true },
        { title: "difference of means", numeric: true },
        { title: "gap (points)", numeric: true },
        { title: "difference of means", numeric: true },
        { title: "test accuracy (%)", numeric: true },
      ],
      rows: rows.flatMap(({ arch, none, others }) =>
        [none, ...others].map(({ regs, learnedComplexity, gap, testAccuracy }) => [
          `${arch} ${regs}`,
          percentInterval(learnedComplexity),
          percent(learnedComplexity.mean - none.learnedComplexity.mean),
          percentInterval(gap),
          percent(gap.mean - none.gap.mean),
          percentInterval(testAccuracy),
        ]),
      ),
    },
    [
      panels(
        rows.map((row) => ({
          title: row.arch,
          picture: regularizerArrowsChart(row, canvasOf(PANEL)),
        })),
      ),
    ],
  );
}

/** The numbers behind the figure. */
export function arrowsData(rows: readonly ArrowsRow[]): ChartRows {
  const numbers = ["learnedComplexity", "gap", "testAccuracy"] as const;
  return {
    columns: ["arch", "regs", ...numbers.flatMap(csvNames)],
    rows: rows.flatMap(({ arch, none, others }) =>
      [none, ...others].map((position) => [
        ...[arch, position.regs],
        ...numbers.flatMap((name) => intervalCells(position[name])),
      ]),
    ),
  };
}

function pointOf({ regs, learnedComplexity, gap, testAccuracy }: Position, vertical: Vertical) {
  const { color } = FAMILIES[regularizerFamily(regs)];
  const y = vertical === "gap" ? gap : (testAccuracy ?? gap);
  return { ...mapPoint(learnedComplexity, y), label: regs, color };
}

function naming(arch: string, none: Position, others: readonly Position[], vertical: Vertical) {
  const said = others.map((other) => {
    const moves = (["learnedComplexity", vertical] as const).map((name) =>
      percent((other[name]?.mean ?? NaN) - (none[name]?.mean ?? NaN)),
    );
    const second = vertical === "gap" ? "the gap" : "test accuracy";
    return `${other.regs} moves learned complexity by ${moves[0]} and ${second} by ${moves[1]} points.`;
  });
  return {
    label: `Arrows from unregularized ${arch} to each regularizer: learned complexity and ${vertical === "gap" ? "gap" : "test accuracy"}`,
    description: said.join(" ") || "No other regularizer was trained.",
    role: "img" as const,
  };
}
