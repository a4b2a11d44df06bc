/** @file Learning curves of one configuration: class accuracy and random-label accuracy over the epochs. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { csvNames } from "../../record/csv.ts";
import type { Interval } from "../../record/statistics/interval.ts";
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
import { type ChartRows, type LegendEntry, figure, intervalCells } from "./figure.ts";
import { ends, percent, percentInterval } from "./numbers.ts";
import type { LearningCurvesRow, RunCounts } from "../../record/learning-curves.ts";

/** Lines of means over seeds; bands are 95 % intervals; a diamond marks the final test accuracy. */
export function learningCurvesChart(row: LearningCurvesRow, canvas: Canvas): SVGElement {
  const lines = linesOf(row).filter(({ epochs }) => epochs.length > 0);
  const last = Math.max(1, ...lines.map(({ epochs }) => epochs.length));
  const bottom = Math.min(0, ...lines.flatMap(({ epochs }) => epochs.map(({ mean }) => mean)));
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
      ...lines.filter(({ banded }) => banded).map((line) => band(line, bottom)),
      ...lines.map(({ epochs, color, dash, width }) =>
        Plot.lineY(epochs, {
          x: epoch,
          y: "mean",
          stroke: color,
          strokeWidth: width,
          ...(dash !== null && { strokeDasharray: dash }),
        }),
      ),
      Plot.dot(row.test === null ? [] : [row.test], {
        x: last,
        y: "mean",
        symbol: "diamond2",
        r: 6,
        stroke: CLASS_COLOR,
        strokeWidth: 2,
        fill: "var(--paper)",
        title: (test: Interval) => `test accuracy ${percentInterval(test)} %`,
      }),
      endLabels([...lines, ...testEnd(row)], last),
    ],
  });
}

/** Every configuration's curves side by side, with caption, legend and table. */
export function learningCurvesFigure(rows: readonly LearningCurvesRow[]): VNode {
  return figure(
    {
      title: "Learning curves",
      caption: CAPTION + (rows.some(({ diverged }) => diverged > 0) ? SURVIVORS : ""),
      legend: legendEntries(rows),
      columns: [
        { title: "configuration" },
        { title: "curve" },
        ...["first epoch (%)", "middle (%)", "last epoch (%)"].map((title) => ({
          title,
          numeric: true as const,
        })),
      ],
      rows: rows.flatMap((row) =>
        linesOf(row).map(({ label, epochs }) => [
          `${row.arch} ${row.regs}`,
          label,
          ...[0, Math.floor(epochs.length / 2), epochs.length - 1].map((at) =>
            percentInterval(epochs[at] ?? null),
          ),
        ]),
      ),
    },
    [
      panels(
        rows.map((row) => ({
          title: `${row.arch} ${row.regs}`,
          note: divergenceNote(row),
          picture: learningCurvesChart(row, canvasOf(PANEL)),
        })),
      ),
    ],
  );
}

/** The numbers behind the figure. */
export function learningCurvesData(rows: readonly LearningCurvesRow[]): ChartRows {
  return {
    columns: ["arch", "regs", "curve", "epoch", ...csvNames("share")],
    rows: rows.flatMap((row) =>
      linesOf(row).flatMap(({ label, epochs }) =>
        epochs.map((each, e) => [row.arch, row.regs, label, e + 1, ...intervalCells(each)]),
      ),
    ),
  };
}

const CAPTION =
  "Accuracy on training batches before each update, mean over seeds; bands are 95 % intervals of the solid lines. " +
  "The class task is in percent of images. Random labels are those of the last tap (the features that the class head reads), a mean over the draws of each " +
  "label space n, rescaled so that 0 % is chance. A head on a trunk that never trains learns random labels, too: see how " +
  "the line of the heads of the headline (the label space that boards show) runs beside the dashed one of the same heads on the frozen trunk. The diamond is test " +
  "accuracy at the end.";

const SURVIVORS =
  " Where a run diverged, the lines are of the runs that completed and have no band: nobody knows what the others " +
  "would have come to.";

function titleOf(row: LearningCurvesRow): string {
  const note = divergenceNote(row);
  return `${row.arch} ${row.regs}${note === null ? "" : ` (${note})`}`;
}

const epoch = (_: unknown, index: number) => index + 1;

function testEnd({ test }: LearningCurvesRow): LineEnd[] {
  return test === null ? [] : [{ label: "test", y: test.mean, color: CLASS_COLOR }];
}

function band({ epochs, color }: Line, bottom: number): Plot.Markish {
  return Plot.areaY(epochs, {
    x: epoch,
    y1: (each: Interval) => Math.max(bottom, ends(each)[0]),
    y2: (each: Interval) => Math.min(1, ends(each)[1]),
    fill: color,
    fillOpacity: 0.15,
  });
}

function naming(row: LearningCurvesRow) {
  const said = linesOf(row).map(({ label, y }) => `${label} ends at ${percent(y)} %`);
  return {
    label: `Learning curves of ${titleOf(row)}`,
    description: `${[...said, `test accuracy is ${percentInterval(row.test)} %`].join(", ")}.`,
    role: "img" as const,
  };
}

const CLASS_COLOR = "var(--ink)";

const TEST_ENTRY: LegendEntry = {
  sign: { kind: "dot", symbol: "diamond2", color: CLASS_COLOR, hollow: true },
  text: "test accuracy at the end",
};

function legendEntries(rows: readonly LearningCurvesRow[]): LegendEntry[] {
  const lines = new Map(rows.flatMap(linesOf).map((line) => [line.label, line]));
  return [
    ...Array.from(lines.values(), ({ label, color, dash, width }): LegendEntry => ({
      sign: { kind: "line", color, dash, width },
      text: label === "train" ? "class accuracy on training batches" : `random labels, ${label}`,
    })),
    ...(rows.some(({ test }) => test !== null) ? [TEST_ENTRY] : []),
  ];
}

interface Line extends LineEnd {
  epochs: readonly Interval[];
  dash: string | null;
  width: number;
  /** Is its interval shown? */
  banded: boolean;
}

const LABEL_COLOR = "var(--accent)";
export const FROZEN_COLOR = "var(--faint)";
export const SUPPRESSED_COLOR = "var(--family-random-label)";
export const DASHES = ["2 3", "7 3", "9 3 2 3", "4 2", "1 2"] as const;

/** The class task first, then the random labels as given. */
function linesOf({ train, labels }: LearningCurvesRow): Line[] {
  const dashes = DASHES.values();
  return [
    lineOf("train", train, { color: CLASS_COLOR, dash: null, width: 2 }),
    ...labels.map(({ name, kind, epochs }) => {
      if (kind === "headline")
        return lineOf(name, epochs, { color: LABEL_COLOR, dash: null, width: 2.5 });
      if (kind === "frozen")
        return lineOf(name, epochs, { color: FROZEN_COLOR, dash: "6 3", width: 2 });
      if (kind === "suppressed")
        return lineOf(name, epochs, { color: SUPPRESSED_COLOR, dash: null, width: 1.5 });
      const dash = dashes.next().value ?? null;
      return lineOf(name, epochs, { color: LABEL_COLOR, dash, width: 1.5 });
    }),
  ];
}

function lineOf(
  label: string,
  epochs: readonly Interval[],
  style: Pick<Line, "color" | "dash" | "width">,
): Line {
  const banded = style.dash === null && epochs.some(({ low }) => low !== null);
  return { label, epochs, y: epochs.at(-1)?.mean ?? 0, banded, ...style };
}

/** Null when none diverged: then there is nothing to be said. */
export function divergenceNote({ completed, diverged }: RunCounts): string | null {
  const all = completed + diverged;
  if (diverged === 0) return null;
  if (completed === 0) return `none of ${all} runs completed; shown is the one that came furthest`;
  return `${completed} of ${all} completed runs; ${diverged} diverged left out`;
}
