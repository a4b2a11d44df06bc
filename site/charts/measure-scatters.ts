/** @file A scatter for each measure, side by side, with caption, legend and the table behind them. */

import { figure } from "./figure.ts";
import { legend } from "./legend.ts";
import { mapLegend } from "./map-legend.ts";
import { type MeasurePoint, measureScatterChart } from "./measure-scatter.ts";
import { PANEL, panels } from "./panels.ts";
import { percent } from "./percent.ts";

/** A configuration that a scatter has a point for, by the entry that stands for it. */
export interface EntryPoint extends MeasurePoint {
  entry: string;
}

export interface ScatterRow {
  title: string;
  points: readonly EntryPoint[];
}

export function measureScattersFigure(
  rows: readonly ScatterRow[],
  document: Document,
): HTMLElement {
  const all = rows.flatMap(({ points }) => points);
  const architectures = all.map(({ arch }) => arch);
  const drawn = panels(
    document,
    rows.map(({ title, points }) => ({
      title,
      picture: measureScatterChart({ title, points, architectures }, { document, width: PANEL }),
    })),
  );
  return figure(
    document,
    {
      title: "One point a configuration",
      caption:
        "Each configuration counts once, by the entry that stands for it. " +
        "Upright: the generalization gap, mean over that entry's runs. Across: the measure, each on a scale of its own. " +
        "Points that climb to the right are a measure that rises with the gap. See whether it does so within one shape " +
        "(an architecture) too, or only from one to the next: then it may stand for the architecture alone.",
      legend: [],
      columns: [
        { title: "configuration" },
        { title: "gap (points)", numeric: true },
        ...rows.map(({ title }) => ({ title, numeric: true as const })),
      ],
      rows: tableRows(rows),
    },
    [legend(document, mapLegend(all)), drawn], // first: there may be ten panels below it
  );
}

/** One line a configuration; a dash where it does not have the measure. */
function tableRows(rows: readonly ScatterRow[]): string[][] {
  const entries = new Map(rows.flatMap(({ points }) => points.map((each) => [each.entry, each])));
  const columns = rows.map(
    ({ points }) => new Map(points.map(({ entry, measure }) => [entry, measure])),
  );
  return Array.from(entries.values(), ({ entry, arch, regs, gap }) => [
    `${arch} ${regs}`,
    percent(gap),
    ...columns.map((values) => number(values.get(entry))),
  ]);
}

function number(value: number | undefined): string {
  return value === undefined ? "–" : String(Number(value.toPrecision(4))).replace("-", "−");
}
