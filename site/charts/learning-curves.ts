/** @file Learning curves of one configuration: class accuracy and random-label accuracy over the epochs. */

import * as Plot from "@observablehq/plot";
import type { Interval } from "../../record/interval.ts";
import { type LineEnd, endLabels, endMargin } from "./end-labels.ts";
import { divergenceNote } from "./epoch-means.ts";
import { figure } from "./figure.ts";
import type { LegendEntry } from "./legend.ts";
import { CLASS_COLOR, type LearningCurvesRow, type Line, linesOf } from "./learning-lines.ts";
import { PANEL, panels } from "./panels.ts";
import { ends, percent, percentInterval } from "./percent.ts";
import { type Canvas, GRID, drawPlot, percentTick } from "./plot.ts";

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
export function learningCurvesFigure(
  rows: readonly LearningCurvesRow[],
  document: Document,
): HTMLElement {
  return figure(
    document,
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
        document,
        rows.map((row) => ({
          title: `${row.arch} ${row.regs}`,
          note: divergenceNote(row),
          picture: learningCurvesChart(row, { document, width: PANEL }),
        })),
      ),
    ],
  );
}

const CAPTION =
  "Accuracy on training batches before each update, mean over seeds; bands are 95 % intervals of the solid lines. " +
  "The class task is in percent of images. Random labels are those of the last tap, a mean over the draws of each " +
  "label space n, rescaled so that 0 % is chance. See whether random labels go on being learned after class accuracy " +
  "has levelled off, and how far the diamond stays below the line: test accuracy, which is measured at the end only.";

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
