/** @file One configuration in two small pictures: its curves over training, and its taps by depth, the frozen trunk beside both. */

import * as Plot from "@observablehq/plot";
import type { LegendEntry } from "./figure.ts";
import { percent } from "./numbers.ts";
import { type Canvas, GRID, drawPlot, percentTick } from "./plot.ts";
import type { EntrySeries } from "../../record/answers/documents.ts";

/** Pixels: two beside each other fit into a column. */
export const SMALL = 168;

const HEADS = "var(--accent)";
const FEATURES = "var(--family-augmentation)";
const FAINT = "var(--faint)";
const INK = "var(--ink)";

interface NamedSeries {
  /** Architecture and regularizers. */
  name: string;
  series: EntrySeries;
}

/** Class accuracy, random labels of the headline's heads, and of the same heads on the frozen trunk; all pictures have one scale. */
export function smallCurves({ name, series }: NamedSeries, canvas: Canvas): SVGElement {
  const { train, testAccuracy } = series;
  const lines = [
    { shares: train, color: INK, dash: null },
    { shares: series.heads, color: HEADS, dash: null },
    { shares: series.frozenHeads, color: FAINT, dash: "5 3" },
  ].filter(({ shares }) => shares.length > 0);
  const last = Math.max(2, series.epochs, train.length);
  return small(canvas, curvesNaming(name, series), {
    x: { domain: [1, last], ticks: [1, last], tickFormat: "d", label: "epoch" },
    marks: [
      ...lines.map(({ shares, color, dash }) =>
        Plot.lineY(shares, {
          ...{ x: (_: number, e: number) => e + 1, y: Plot.identity },
          ...{ stroke: color, strokeWidth: 1.75 },
          ...(dash !== null && { strokeDasharray: dash }),
        }),
      ),
      Plot.dot(testAccuracy === null ? [] : [testAccuracy], {
        ...{ x: train.length, y: Plot.identity, symbol: "diamond2", r: 4 },
        ...{ stroke: INK, strokeWidth: 1.5, fill: "var(--paper)" },
      }),
    ],
  });
}

type OfTap = Exclude<keyof EntrySeries["taps"][number], "name">;

/** Heads and refits at each tap; dashed and hollow the trunk before training. */
export function smallDepth({ name, series }: NamedSeries, canvas: Canvas): SVGElement {
  const lines = [
    { points: pointsOf(series, "frozenRefits"), color: FEATURES, dash: "5 3" },
    { points: pointsOf(series, "refits"), color: FEATURES, dash: null },
    { points: pointsOf(series, "heads"), color: HEADS, dash: null },
  ];
  const taps = series.taps.length;
  return small(canvas, depthNaming(name, series), {
    x: {
      domain: [0.7, taps + 0.3],
      ticks: taps > 1 ? [1, taps] : [1],
      tickFormat: "d",
      label: "tap",
    },
    marks: [
      ...lines.flatMap(({ points, color, dash }) => [
        Plot.lineY(points, {
          ...{ x: "tap", y: "mean", stroke: color, strokeWidth: 1.75 },
          ...(dash !== null && { strokeDasharray: dash }),
        }),
        ...(dash === null ? [Plot.dot(points, { x: "tap", y: "mean", r: 2, fill: color })] : []),
      ]),
      Plot.dot(pointsOf(series, "frozenHeads"), {
        ...{ x: "tap", y: "mean", symbol: "square", r: 3, stroke: HEADS, strokeWidth: 1.5 },
        fill: "var(--paper)",
      }),
    ],
  });
}

const pointsOf = ({ taps }: EntrySeries, of: OfTap) =>
  taps.flatMap(({ [of]: mean }, i) => (mean === null ? [] : [{ tap: i + 1, mean }]));

function small(
  canvas: Canvas,
  naming: { label: string; description: string },
  { x, marks }: Pick<Plot.PlotOptions, "x" | "marks">,
): SVGElement {
  return drawPlot(
    canvas,
    { ...naming, role: "img" },
    {
      ...{ height: 128, marginLeft: 30, marginRight: 8, marginTop: 10, marginBottom: 32 },
      x: { ...x, labelArrow: "none", labelAnchor: "center" },
      y: { domain: [-0.02, 1], ticks: [0, 0.5, 1], tickFormat: percentTick, label: null },
      marks: [Plot.gridY([0, 0.5, 1], GRID), ...(marks ?? [])],
    },
  );
}

export const SMALL_LEGEND: readonly LegendEntry[] = [
  {
    sign: { kind: "line", color: INK, dash: null, width: 2 },
    text: "class accuracy, training batches",
  },
  {
    sign: { kind: "dot", symbol: "diamond2", color: INK, hollow: true },
    text: "test accuracy at the end",
  },
  { sign: { kind: "line", color: HEADS, dash: null, width: 2 }, text: "random labels, heads" },
  {
    sign: { kind: "line", color: FAINT, dash: "5 3", width: 2 },
    text: "the same heads on the frozen trunk, over training",
  },
  {
    sign: { kind: "dot", symbol: "square", color: HEADS, hollow: true },
    text: "the same, at the end",
  },
  { sign: { kind: "line", color: FEATURES, dash: null, width: 2 }, text: "refits of the features" },
  {
    sign: { kind: "line", color: FEATURES, dash: "5 3", width: 2 },
    text: "refits of the frozen trunk",
  },
];

function curvesNaming(name: string, { train, heads, frozenHeads, headline }: EntrySeries) {
  const ends = [
    ...(heads.length > 0 ? [`n = ${headline} ${end(heads)}`] : []),
    ...(frozenHeads.length > 0 ? [`frozen trunk ${end(frozenHeads)}`] : []),
    `class accuracy ${end(train)}`,
  ];
  return {
    label: `Curves of ${name} over training`,
    description: `At the last epoch: ${ends.join(", ")}.`,
  };
}

const end = (shares: readonly number[]) => `${percent(shares.at(-1) ?? null)} %`;

function depthNaming(name: string, { taps }: EntrySeries) {
  const at = (of: "heads" | "refits" | "frozenRefits") =>
    taps.map((tap) => `${tap.name} ${percent(tap[of])} %`).join(", ");
  return {
    label: `${name} by depth`,
    description: `Heads: ${at("heads")}. Refits: ${at("refits")}. Frozen trunk's refits: ${at("frozenRefits")}.`,
  };
}
