/** @file Random-label accuracy over the epochs, head by head: a panel for each tap. */

import * as Plot from "@observablehq/plot";
import { endLabels, endMargin } from "./end-labels.ts";
import { divergenceNote } from "./epoch-means.ts";
import { figure, type FigureParts } from "./figure.ts";
import { headEnds, headLegend, headLines, headName } from "./head-lines.ts";
import type { HeadCurvesRow } from "./head-rows.ts";
import { PANEL, panels } from "./panels.ts";
import { percent, percentInterval } from "./percent.ts";
import { type Canvas, GRID, drawPlot, percentTick } from "./plot.ts";

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
export function headCurvesFigure(row: HeadCurvesRow, document: Document): HTMLElement {
  const note = divergenceNote(row);
  const drawn = panels(
    document,
    row.taps.map((title, i) => ({
      title,
      picture: headCurvesChart(row, i + 1, { document, width: PANEL }),
    })),
  );
  const parts: FigureParts = {
    title: "Random labels while training, head by head",
    caption:
      "Each line is one head: how many of its random labels it told on training batches, each before its own update, " +
      `mean over the runs${note === null ? "" : ` (${note})`}. 0 % is chance for every label space n. The draws of one n differ by their ` +
      "labelling alone. See whether deeper taps come to know more of them, and when. All panels have the same scale.",
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
  return figure(document, parts, [drawn]);
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
