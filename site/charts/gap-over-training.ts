/** @file The generalization gap while training goes on, between train and test accuracy. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { csvNames } from "../../record/csv.ts";
import { type RunCounts, epochMeans } from "../../record/learning-curves.ts";
import type { Protocol } from "../../record/protocols.ts";
import type { EvaluationCounts, Run } from "../../record/run.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { tInterval } from "../../record/statistics/t-interval.ts";
import { leastVariance } from "../../record/least-variance.ts";
import { type ChartRows, type LegendEntry, figure, intervalCells } from "./figure.ts";
import { divergenceNote } from "./learning-curves.ts";
import { ends, percent, percentInterval } from "./numbers.ts";
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

/** Means over seeds in evaluation mode after one epoch, as shares. */
interface Evaluation {
  /** From 1. */
  epoch: number;
  trainAccuracy: Interval;
  testAccuracy: Interval;
  gap: Interval;
}

export interface GapRow extends RunCounts {
  arch: string;
  regs: string;
  /** Epochs that the protocol asks for. */
  length: number;
  evaluations: readonly Evaluation[];
}

interface GapSource {
  arch: string;
  regs: string;
  runs: readonly Run[];
}

/** Null where the protocol evaluates at the end only, and when no run finished an evaluated epoch. */
export function gapRow(
  { arch, regs, runs }: GapSource,
  { epochs: length }: Pick<Protocol, "epochs">,
): GapRow | null {
  const means = epochMeans(runs);
  if (means === null) return null;
  const { shown, counts } = means;
  const [first] = shown;
  const headline = 2; // no number here is of random labels
  const { trainSamples, testSamples } = first!;
  const interval = (name: keyof typeof LINES, values: number[]): Interval =>
    counts.diverged > 0
      ? { ...tInterval(values), low: null, high: null }
      : tInterval(values, leastVariance(name, { headline, trainSamples, testSamples }));
  const evaluations = first!.epochs.flatMap((_, e): Evaluation[] => {
    const all = shown.map((run) => evaluatedAt(run, e));
    if (all.some((each) => each === null)) return [];
    const shares = all.map((each) => ({
      train: each!.trainCorrect / trainSamples,
      test: each!.testCorrect / testSamples,
    }));
    return [
      {
        epoch: e + 1,
        trainAccuracy: interval(
          "trainAccuracy",
          shares.map(({ train }) => train),
        ),
        testAccuracy: interval(
          "testAccuracy",
          shares.map(({ test }) => test),
        ),
        gap: interval(
          "gap",
          shares.map(({ train, test }) => train - test),
        ),
      },
    ];
  });
  const isOverTraining = first!.epochs.some(({ evaluated }) => evaluated !== null);
  return isOverTraining && evaluations.length > 0
    ? { arch, regs, length, evaluations, ...counts }
    : null;
}

/** After epoch e, from 0; after the last one as at the end. */
function evaluatedAt({ epochs, final }: Run, e: number): EvaluationCounts | null {
  return epochs[e]?.evaluated ?? (e === epochs.length - 1 ? final : null);
}

/** Three lines of means with their 95 % intervals as bands, and a point for each evaluation. */
export function gapChart(row: GapRow, canvas: Canvas, bottom = lowest([row])): SVGElement {
  const lines = linesOf(row);
  const last = row.evaluations.at(-1)?.epoch ?? 1;
  return drawPlot(canvas, naming(row), {
    height: 250,
    marginLeft: 36,
    marginRight: endMargin(lines),
    marginTop: 24,
    marginBottom: 40,
    x: { domain: [1, Math.max(row.length, last, 2)], label: "epoch", ticks: 5, tickFormat: "d" },
    y: { domain: [bottom, 1], label: "%", tickFormat: percentTick, ticks: 5 },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      ...lines.flatMap((line) => lineMarks(line, bottom)),
      endLabels(lines, last),
    ],
  });
}

/** 0, or the lowest end of a gap's interval below it. */
function lowest(rows: readonly GapRow[]): number {
  return Math.min(0, ...rows.flatMap((row) => row.evaluations.map(({ gap }) => ends(gap)[0])));
}

/** A panel for each configuration, all on one scale of percent. */
export function gapFigure(rows: readonly GapRow[]): VNode {
  return figure(
    {
      title: "The gap over training",
      caption:
        "Accuracy on all training images and on the test images after an epoch, in evaluation mode and without augmentation, and " +
        "between them the generalization gap, in points. Means over seeds; bands are 95 % intervals.",
      legend: Object.values(LINES).map(({ text, color, dash }): LegendEntry => ({
        sign: { kind: "line", color, dash, width: 2 },
        text,
      })),
      columns: [
        { title: "configuration" },
        { title: "epoch", numeric: true },
        { title: "train (%)", numeric: true },
        { title: "test (%)", numeric: true },
        { title: "gap (points)", numeric: true },
      ],
      rows: rows.flatMap(({ arch, regs, evaluations }) =>
        evaluations.map(({ epoch, ...numbers }) => [
          `${arch} ${regs}`,
          String(epoch),
          ...NAMES.map((name) => percentInterval(numbers[name])),
        ]),
      ),
    },
    [
      panels(
        rows.map((row) => ({
          title: `${row.arch} ${row.regs}`,
          note: divergenceNote(row),
          picture: gapChart(row, canvasOf(PANEL), lowest(rows)),
        })),
      ),
    ],
  );
}

/** The numbers behind the figure. */
export function gapData(rows: readonly GapRow[]): ChartRows {
  return {
    columns: ["arch", "regs", "epoch", ...NAMES.flatMap(csvNames)],
    rows: rows.flatMap(({ arch, regs, evaluations }) =>
      evaluations.map(({ epoch, ...numbers }) => [
        ...[arch, regs, epoch],
        ...NAMES.flatMap((name) => intervalCells(numbers[name])),
      ]),
    ),
  };
}

const LINES = {
  trainAccuracy: { label: "train", text: "train accuracy", color: "var(--ink)", dash: null },
  testAccuracy: { label: "test", text: "test accuracy", color: "var(--accent)", dash: "7 3" },
  gap: { label: "gap", text: "gap", color: "var(--family-weight-decay)", dash: null },
} as const;
const NAMES = Object.keys(LINES) as (keyof typeof LINES)[];

interface GapPoint {
  epoch: number;
  value: Interval;
}

interface GapLine extends LineEnd {
  dash: string | null;
  points: GapPoint[];
}

function linesOf({ evaluations }: GapRow): GapLine[] {
  return NAMES.map((name) => {
    const { label, color, dash } = LINES[name];
    const points = evaluations.map(({ epoch, [name]: value }) => ({ epoch, value }));
    return { label, color, dash, points, y: points.at(-1)?.value.mean ?? 0 };
  });
}

function lineMarks({ points, color, dash }: GapLine, bottom: number): Plot.Markish[] {
  const mean = ({ value }: GapPoint) => value.mean;
  return [
    Plot.areaY(
      points.filter(({ value }) => value.low !== null),
      {
        x: "epoch",
        y1: ({ value }: GapPoint) => Math.max(bottom, ends(value)[0]),
        y2: ({ value }: GapPoint) => Math.min(1, ends(value)[1]),
        fill: color,
        fillOpacity: 0.15,
      },
    ),
    Plot.lineY(points, {
      ...{ x: "epoch", y: mean, stroke: color, strokeWidth: 2 },
      ...(dash !== null && { strokeDasharray: dash }),
    }),
    Plot.dot(points, { x: "epoch", y: mean, r: 2.5, fill: color }),
  ];
}

function naming(row: GapRow) {
  const note = divergenceNote(row);
  const [first, last] = [row.evaluations[0], row.evaluations.at(-1)];
  const said = NAMES.map((name) => {
    const [from, to] = [first, last].map((each) => percent(each?.[name].mean ?? null));
    return `${LINES[name].text} goes from ${from} to ${to} %`;
  });
  return {
    label: `The gap over training of ${row.arch} ${row.regs}${note === null ? "" : ` (${note})`}`,
    description: `From epoch ${first?.epoch} to ${last?.epoch}: ${said.join(", ")}.`,
    role: "img" as const,
  };
}
