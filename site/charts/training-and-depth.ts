/** @file One configuration in two small pictures: its curves over training, and its taps by depth, the frozen trunk beside both. */

import * as Plot from "@observablehq/plot";
import type { DepthRow } from "./complexity-by-depth.ts";
import type { LegendEntry } from "./figure.ts";
import type { LearningCurvesRow } from "./learning-curves.ts";
import { percent } from "./numbers.ts";
import { type Canvas, GRID, drawPlot, percentTick } from "./plot.ts";
import type { Interval } from "../../record/statistics/interval.ts";

/** Pixels: two beside each other fit into a column. */
export const SMALL = 168;

const HEADS = "var(--accent)";
const FEATURES = "var(--family-augmentation)";
const FAINT = "var(--faint)";
const INK = "var(--ink)";

/** Class accuracy, random labels of the headline's heads, and of the same heads on the frozen trunk; all pictures have one scale. */
export function smallCurves(row: LearningCurvesRow, canvas: Canvas): SVGElement {
  const lines = [
    { epochs: row.train, color: INK, dash: null },
    ...curvesOf(row).map(({ kind, epochs }) =>
      kind === "frozen"
        ? { epochs, color: FAINT, dash: "5 3" }
        : { epochs, color: HEADS, dash: null },
    ),
  ];
  const last = Math.max(2, row.length, ...lines.map(({ epochs }) => epochs.length));
  return small(canvas, curvesNaming(row), {
    x: { domain: [1, last], ticks: [1, last], tickFormat: "d", label: "epoch" },
    marks: [
      ...lines.map(({ epochs, color, dash }) =>
        Plot.lineY(epochs, {
          ...{ x: (_: unknown, e: number) => e + 1, y: "mean", stroke: color, strokeWidth: 1.75 },
          ...(dash !== null && { strokeDasharray: dash }),
        }),
      ),
      Plot.dot(row.test === null ? [] : [row.test], {
        ...{ x: row.train.length, y: "mean", symbol: "diamond2", r: 4 },
        ...{ stroke: INK, strokeWidth: 1.5, fill: "var(--paper)" },
      }),
    ],
  });
}

const curvesOf = ({ labels }: LearningCurvesRow) =>
  labels.filter(({ kind }) => kind === "headline" || kind === "frozen");

/** Heads and refits at each tap; dashed and hollow the trunk before training. */
export function smallDepth(row: DepthRow, canvas: Canvas): SVGElement {
  const [trained] = row.trained;
  const lines = [
    { values: trained!.frozen, color: FEATURES, dash: "5 3" },
    { values: trained!.byTap, color: FEATURES, dash: null },
    { values: trained!.heads, color: HEADS, dash: null },
  ].map((line) => ({ ...line, points: pointsOf(line.values) }));
  const taps = row.taps.length;
  return small(canvas, depthNaming(row), {
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
      Plot.dot(pointsOf(trained!.frozenHeads), {
        ...{ x: "tap", y: "mean", symbol: "square", r: 3, stroke: HEADS, strokeWidth: 1.5 },
        fill: "var(--paper)",
      }),
    ],
  });
}

const pointsOf = (values: readonly (Interval | null)[]) =>
  values.flatMap((value, i) => (value === null ? [] : [{ tap: i + 1, mean: value.mean }]));

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

function curvesNaming(row: LearningCurvesRow) {
  const ends = [
    ...curvesOf(row).map(({ name, epochs }) => `${name} ${end(epochs)}`),
    `class accuracy ${end(row.train)}`,
  ];
  return {
    label: `Curves of ${row.arch} ${row.regs} over training`,
    description: `At the last epoch: ${ends.join(", ")}.`,
  };
}

const end = (epochs: readonly Interval[]) => `${percent(epochs.at(-1)?.mean ?? null)} %`;

function depthNaming({ arch, taps, trained }: DepthRow) {
  const { regs, heads, byTap, frozen } = trained[0]!;
  const at = (values: readonly (Interval | null)[]) =>
    taps.map((tap, i) => `${tap} ${percent(values[i]?.mean ?? null)} %`).join(", ");
  return {
    label: `${arch} ${regs} by depth`,
    description: `Heads: ${at(heads)}. Refits: ${at(byTap)}. Frozen trunk's refits: ${at(frozen)}.`,
  };
}
