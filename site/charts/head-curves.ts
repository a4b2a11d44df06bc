/** @file Random-label accuracy over the epochs, head by head: a panel for each tap. */

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
import { type RunCounts, epochMeans } from "../../record/learning-curves.ts";
import { DASHES, FROZEN_COLOR, SUPPRESSED_COLOR, divergenceNote } from "./learning-curves.ts";
import {
  type ChartRows,
  type FigureParts,
  type LegendEntry,
  figure,
  intervalCells,
} from "./figure.ts";
import { percent, percentInterval } from "./numbers.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import type { HeadMetrics } from "../../record/metrics-schema.ts";
import { normalizedAccuracy } from "../../record/normalized-accuracy.ts";
import type { Protocol } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";

/** One line a head of the tap; all taps have one scale. */
export function headCurvesChart(row: HeadCurvesRow, tap: number, canvas: Canvas): SVGElement {
  const lines = headLines(row, tap);
  const [bottom, top] = rangeOf(row);
  const last = Math.max(1, ...lines.map(({ curve }) => curve.epochs.length));
  const ends = headEnds(lines);
  return drawPlot(canvas, naming(row, tap), {
    height: 240,
    marginLeft: 36,
    marginRight: endMargin(ends),
    marginTop: 24,
    marginBottom: 40,
    x: { domain: [1, Math.max(row.length, last, 2)], label: "epoch", ticks: 5, tickFormat: "d" },
    y: { domain: [bottom, top], label: "%", tickFormat: percentTick, ticks: 5 },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      ...lines.map(({ curve, color, dash, width }) =>
        Plot.lineY(curve.epochs, {
          x: (_: unknown, index: number) => index + 1,
          y: "mean",
          stroke: color,
          strokeWidth: width,
          ...(dash !== null && { strokeDasharray: dash }),
        }),
      ),
      endLabels(ends, last),
    ],
  });
}

/** A panel for each tap, with caption, legend and table. */
export function headCurvesFigure(row: HeadCurvesRow): VNode {
  const note = divergenceNote(row);
  const drawn = panels(
    row.taps.map((title, i) => ({
      title,
      picture: headCurvesChart(row, i + 1, canvasOf(PANEL)),
    })),
  );
  const parts: FigureParts = {
    title: "Random labels while training, head by head",
    caption:
      "Each line is one head: how many of its random labels it got right on training batches, each before its own update, " +
      `mean over the runs${note === null ? "" : ` (${note})`}. 0 % is chance for every label space n. The draws of one n differ by their ` +
      "labelling alone. At the last tap stand the headline's heads on the frozen trunk, which learns nothing: what they get right takes " +
      "no training of the network. All panels have the same scale.",
    legend: headLegend(row),
    columns: [
      { title: "tap" },
      { title: "head" },
      ...["first epoch (%)", "middle (%)", "last epoch (%)"].map((title) => ({
        title,
        numeric: true as const,
      })),
    ],
    rows: tableRows(row),
  };
  return figure(parts, [drawn]);
}

/** The means behind the figure, of one configuration; a page holds many of these. */
export function headCurvesData({ heads }: HeadCurvesRow): ChartRows {
  return {
    columns: ["trunk", "tap", "n", "draw", "regularized", "epoch", "normalized"],
    rows: heads.flatMap(({ tap, n, draw, regularized, frozen, epochs }) =>
      epochs.map((each, e) => [
        ...[frozen ? "frozen" : "network", tap, n, draw, regularized, e + 1],
        intervalCells(each)[0]!,
      ]),
    ),
  };
}

function tableRows({ heads, taps }: HeadCurvesRow): string[][] {
  return heads.map(({ epochs, tap, ...head }) => [
    taps[tap - 1] ?? String(tap),
    headName(head),
    ...[0, Math.floor(epochs.length / 2), epochs.length - 1].map((at) =>
      percentInterval(epochs[at] ?? null),
    ),
  ]);
}

/** Zero is always in it, and so much that chance does not fill a panel. */
function rangeOf({ heads }: HeadCurvesRow): [number, number] {
  const means = heads.flatMap(({ epochs }) => epochs.map(({ mean }) => mean));
  return [Math.min(0, ...means), Math.min(1, 1.08 * Math.max(0.1, ...means))];
}

function naming(row: HeadCurvesRow, tap: number) {
  const said = headLines(row, tap).map(
    ({ curve }) => `${headName(curve)} ends at ${percent(curve.epochs.at(-1)?.mean ?? null)} %`,
  );
  return {
    label: `Random-label accuracy of the heads at ${row.taps[tap - 1]} over training`,
    description: `${said.join(", ")}.`,
    role: "img" as const,
  };
}

/** Random-label accuracy of each head of one configuration, from the counts of every epoch. */
interface Head extends Pick<HeadMetrics, "tap" | "n" | "draw" | "regularized"> {
  /** Does it read the trunk as it was at initialization? */
  frozen: boolean;
}

interface HeadCurve extends Head {
  /** Online RL-acc rescaled so that 0 is chance and 1 everything; one entry an epoch. */
  epochs: readonly Interval[];
}

export interface HeadCurvesRow extends RunCounts {
  arch: string;
  regs: string;
  /** Epochs that the protocol asks for. */
  length: number;
  /** Label space of the learned complexity. */
  headline: number;
  /** Names of the taps in order of depth. */
  taps: readonly string[];
  heads: readonly HeadCurve[];
}

interface HeadSource {
  arch: string;
  regs: string;
  runs: readonly Run[];
  /** In the order of a run's counts. */
  heads: readonly Omit<Head, "frozen">[];
  taps: readonly string[];
}

/** Null when no run finished an epoch. */
export function headCurvesRow(
  { arch, regs, runs, heads, taps }: HeadSource,
  { epochs: length, headline }: Pick<Protocol, "epochs" | "headline">,
): HeadCurvesRow | null {
  const means = epochMeans(runs);
  if (means === null) return null;
  return {
    ...{ arch, regs, length, headline, taps },
    ...means.counts,
    heads: [
      ...heads.map(({ tap, n, draw, regularized }, i) => ({
        ...{ tap, n, draw, regularized, frozen: false },
        epochs: means.over(({ online, seen }) => normalizedAccuracy(online[i]! / seen, n)),
      })),
      ...frozenDraws(runs).map((draw) => ({
        ...{ tap: taps.length, n: headline, draw, regularized: false, frozen: true },
        epochs: means.over(({ frozenOnline, seen }) =>
          normalizedAccuracy(frozenOnline[draw]! / seen, headline),
        ),
      })),
    ],
  };
}

/** Those that every epoch of every run counts. */
function frozenDraws(runs: readonly Run[]): number[] {
  const counted = runs.flatMap(({ epochs }) =>
    epochs.map(({ frozenOnline }) => frozenOnline.length),
  );
  return Array.from({ length: Math.min(...counted) }, (_, draw) => draw);
}

/** Draws are independent labellings, so that none stands before another; with more than four, colours come again. */
const DRAW_COLORS = [
  "var(--accent)",
  "var(--family-weight-decay)",
  "var(--family-augmentation)",
  "var(--family-noise)",
] as const;

/** The lines of a chart of heads: the dash tells the label space, the colour the draw. */
interface HeadLine {
  curve: HeadCurve;
  color: string;
  dash: string | null;
  width: number;
}

/** Of one tap. */
function headLines(row: HeadCurvesRow, tap: number): HeadLine[] {
  const dashes = dashesOf(row);
  return row.heads
    .filter((head) => head.tap === tap)
    .map((curve) => ({
      curve,
      color: colorOf(curve),
      dash: dashes.get(curve.n) ?? null,
      width: curve.n === row.headline && !curve.frozen ? 2 : 1.5,
    }));
}

/** One name for each label space of a tap, amid the ends of its draws. */
function headEnds(lines: readonly HeadLine[]): LineEnd[] {
  const groups = Map.groupBy(lines, ({ curve: { n, regularized, frozen } }) =>
    frozen ? "frozen" : regularized ? "suppressed" : `n = ${n}`,
  );
  return Array.from(groups, ([label, group]) => ({
    label,
    y: group.reduce((sum, { curve }) => sum + (curve.epochs.at(-1)?.mean ?? 0), 0) / group.length,
    color: label === "suppressed" ? SUPPRESSED_COLOR : "var(--faint)",
  }));
}

/** What dashes stand for, then what colours do. */
function headLegend(row: HeadCurvesRow): LegendEntry[] {
  const line = (text: string, color: string, dash: string | null): LegendEntry => ({
    sign: { kind: "line", color, dash, width: 2 },
    text,
  });
  const free = row.heads.filter(({ regularized, frozen }) => !regularized && !frozen);
  const draws = [...new Set(free.map(({ draw }) => draw))].toSorted((a, b) => a - b);
  return [
    ...Array.from(dashesOf(row), ([n, dash]) =>
      line(n === row.headline ? `n = ${n}, the headline's` : `n = ${n}`, "var(--ink)", dash),
    ),
    ...draws.map((draw) =>
      line(`draw ${draw}`, colorOf({ draw, regularized: false, frozen: false }), null),
    ),
    ...(row.heads.some(({ regularized }) => regularized)
      ? [line("the draw that rl= suppresses", SUPPRESSED_COLOR, null)]
      : []),
    ...(row.heads.some(({ frozen }) => frozen)
      ? [line("heads on the frozen trunk", FROZEN_COLOR, null)]
      : []),
  ];
}

/** `n = 100, draw 0`. */
function headName({ n, draw, regularized, frozen }: Omit<Head, "tap">): string {
  return `n = ${n}, draw ${draw}${regularized ? ", suppressed" : ""}${frozen ? ", frozen trunk" : ""}`;
}

/** By label space, in the protocol's order; the headline's is solid. */
function dashesOf({ heads, headline }: HeadCurvesRow): Map<number, string | null> {
  const spaces = [...new Set(heads.map(({ n }) => n))];
  const dashes = DASHES.values();
  return new Map(spaces.map((n) => [n, n === headline ? null : (dashes.next().value ?? null)]));
}

function colorOf({
  draw,
  regularized,
  frozen,
}: Pick<Head, "draw" | "regularized" | "frozen">): string {
  if (frozen) return FROZEN_COLOR;
  return regularized ? SUPPRESSED_COLOR : DRAW_COLORS[draw % DRAW_COLORS.length]!;
}
