/** @file Two to five entries over each other: over training, and by depth. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import type { DepthRow } from "../../record/by-depth.ts";
import type { LearningCurvesRow } from "../../record/learning-curves.ts";
import { type LegendEntry, figure } from "./figure.ts";
import { percent } from "./numbers.ts";
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
import type { Interval } from "../../record/statistics/interval.ts";

/** One entry; null where it has no run that finished an epoch, or no controls. */
export interface OverlayRow {
  /** `A`, `B`, ... */
  letter: string;
  arch: string;
  regs: string;
  curves: LearningCurvesRow | null;
  depth: DepthRow | null;
}

export const OVERLAYS = {
  labels: "Random labels while training",
  classes: "Class accuracy while training",
  heads: "What heads learned, by depth",
  refits: "What the features allow, by depth",
} as const;
export type Overlay = keyof typeof OVERLAYS;

/** A line an entry in its colour, its frozen trunk's dashed; all pictures have the whole scale. */
export function overlayChart(
  rows: readonly OverlayRow[],
  overlay: Overlay,
  canvas: Canvas,
): SVGElement {
  const lines = rows.flatMap((row, i) =>
    linesOf(row, overlay, OVERLAY_COLORS[i % OVERLAY_COLORS.length]!),
  );
  const named = lines.filter(({ label }) => label !== "");
  const x = overlay === "labels" || overlay === "classes" ? epochAxis(rows) : depthAxis(rows);
  const last = Math.max(...lines.flatMap(({ points }) => points.map((point) => point.x)), 0);
  return drawPlot(canvas, naming(overlay, named), {
    ...{ height: 250, marginLeft: 36, marginRight: endMargin(named), marginTop: 24 },
    marginBottom: 40,
    x,
    y: { domain: [-0.02, 1], label: "%", tickFormat: percentTick, ticks: 5 },
    marks: [Plot.gridY({ ...GRID, ticks: 5 }), ...lines.flatMap(lineMarks), endLabels(named, last)],
  });
}

/** Four panels with one legend and a table of their numbers; null where no entry has runs to draw. */
export function overlaysFigure(rows: readonly OverlayRow[]): VNode | null {
  if (rows.every(({ curves, depth }) => curves === null && depth === null)) return null;
  return figure(
    {
      title: "Over each other",
      caption: CAPTION,
      legend: [
        ...rows.map(({ letter, arch, regs }, i): LegendEntry => ({
          sign: {
            kind: "line",
            color: OVERLAY_COLORS[i % OVERLAY_COLORS.length]!,
            dash: null,
            width: 2,
          },
          text: `${letter}: ${arch} ${regs}`,
        })),
        {
          sign: { kind: "line", color: "var(--faint)", dash: DASH, width: 1.5 },
          text: "its frozen trunk",
        },
      ],
      columns: [
        { title: "entry" },
        { title: "picture" },
        ...["first (%)", "middle (%)", "last (%)"].map((title) => ({
          ...{ title, numeric: true as const },
        })),
      ],
      rows: rows.flatMap((row) =>
        (Object.keys(OVERLAYS) as Overlay[]).flatMap((overlay) =>
          linesOf(row, overlay, "").map(({ points, dash }) => [
            `${row.letter}: ${row.arch} ${row.regs}`,
            `${OVERLAYS[overlay]}${dash === null ? "" : ", frozen trunk"}`,
            ...[0, Math.floor(points.length / 2), points.length - 1].map((at) =>
              percent(points[at]?.y ?? null),
            ),
          ]),
        ),
      ),
    },
    [
      panels(
        (Object.keys(OVERLAYS) as Overlay[]).map((overlay) => ({
          title: OVERLAYS[overlay],
          picture: overlayChart(rows, overlay, canvasOf(PANEL)),
        })),
        true,
      ),
    ],
  );
}

const CAPTION =
  "Means over all runs of an entry, fresh seeds included, without intervals or tests: what may be said of two of them stands above. " +
  "Random labels are those of the headline's heads, from chance (0 %) to every one. Dashed in an entry's colour is its trunk before training; heads " +
  "on it stand at the last tap alone, as a hollow square. By depth: heads at each tap, and ridge regression of labels that no head met.";

/** As many as can be compared; told apart in either theme, with the common colour-vision deficiencies too (test/charts/charts.test.ts). */
export const OVERLAY_COLORS = [
  "var(--accent)",
  "var(--family-weight-decay)",
  "var(--family-cutmix)",
  "var(--family-cutout)",
  "var(--ink)",
] as const;

const DASH = "5 3";

interface OverlayPoint {
  x: number;
  y: number;
}

interface OverlayLine extends LineEnd {
  points: OverlayPoint[];
  /** Null for the network itself. */
  dash: string | null;
}

/** The network's last, so that it is drawn over its control. */
function linesOf(row: OverlayRow, overlay: Overlay, color: string): OverlayLine[] {
  const line = (points: OverlayPoint[], isFrozen: boolean): OverlayLine[] =>
    points.length === 0
      ? []
      : [
          {
            ...{ points, color, dash: isFrozen ? DASH : null },
            ...{ label: isFrozen ? "" : row.letter, y: points.at(-1)!.y },
          },
        ];
  const { curves, depth } = row;
  const [trained] = depth?.trained ?? [];
  const curve = (kind: "headline" | "frozen") =>
    overEpochs(curves?.labels.find((each) => each.kind === kind)?.epochs ?? []);
  if (overlay === "labels")
    return [...line(curve("frozen"), true), ...line(curve("headline"), false)];
  if (overlay === "classes") return line(overEpochs(curves?.train ?? []), false);
  if (overlay === "heads")
    return [
      ...line(byDepth(trained?.frozenHeads ?? []), true),
      ...line(byDepth(trained?.heads ?? []), false),
    ];
  return [
    ...line(byDepth(trained?.frozen ?? []), true),
    ...line(byDepth(trained?.byTap ?? []), false),
  ];
}

const overEpochs = (epochs: readonly Interval[]): OverlayPoint[] =>
  epochs.map(({ mean }, e) => ({ x: e + 1, y: mean }));

/** As a share of the way to the last tap, as networks have different numbers of them. */
const byDepth = (values: readonly (Interval | null)[]): OverlayPoint[] =>
  values.flatMap((value, i) =>
    value === null ? [] : [{ x: (i + 1) / values.length, y: value.mean }],
  );

function lineMarks({ points, color, dash }: OverlayLine): Plot.Markish[] {
  const place = { x: "x", y: "y" } as const;
  if (points.length === 1)
    return [
      Plot.dot(points, {
        ...{ ...place, symbol: dash === null ? "circle" : "square", r: 3.5, stroke: color },
        fill: dash === null ? color : "var(--paper)",
      }),
    ];
  const style = { stroke: color, strokeWidth: dash === null ? 2 : 1.5 };
  return [
    Plot.lineY(points, { ...place, ...style, ...(dash !== null && { strokeDasharray: dash }) }),
    ...(points.length <= 12 ? [Plot.dot(points, { ...place, r: 2.5, fill: color })] : []),
  ];
}

function epochAxis(rows: readonly OverlayRow[]): Plot.ScaleOptions {
  const last = Math.max(2, ...rows.map(({ curves }) => curves?.length ?? 0));
  return { domain: [1, last], label: "epoch", ticks: 5, tickFormat: "d" };
}

/** Named where all have the same taps. */
function depthAxis(rows: readonly OverlayRow[]): Plot.ScaleOptions {
  const taps = rows.flatMap(({ depth }) => (depth === null ? [] : [depth.taps]));
  const [first = []] = taps;
  const isSame = taps.every((each) => each.join() === first.join()) && first.length <= 4;
  const ticks = isSame ? first.map((_, i) => (i + 1) / first.length) : [1];
  return {
    domain: isSame && first.length > 1 ? [0.5 / first.length, 1] : [0, 1],
    label: "depth",
    ticks,
    tickFormat: (at: number) => (isSame ? first[Math.round(at * first.length) - 1]! : "last tap"),
  };
}

function naming(overlay: Overlay, lines: readonly OverlayLine[]) {
  const said = lines.map(({ label, points }) => {
    const [from, to] = [points[0]!, points.at(-1)!].map(({ y }) => percent(y));
    return `${label} from ${from} to ${to} %`;
  });
  return {
    label: OVERLAYS[overlay],
    description: said.length === 0 ? "Nothing was measured." : `${said.join(", ")}.`,
    role: "img" as const,
  };
}
