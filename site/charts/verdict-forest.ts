/** @file What came of one claim, network by network: the contrast with its interval, its seeds, and a control beside it. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import type { Status } from "../../record/replication/findings.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { type LegendEntry, bothWidths, figure } from "./figure.ts";
import { ends } from "./numbers.ts";
import { type Canvas, GRID, drawPlot, percentTick } from "./plot.ts";

export interface ForestRow {
  network: string;
  status: Exclude<Status, "not yet run">;
  /** In words, for the tooltip and for who does not see the picture. */
  words: string;
  mean: number;
  low: number | null;
  high: number | null;
  /** A value each; none: not shown. */
  seeds: readonly number[];
  beside: Interval | null;
}

export interface Forest {
  title: string;
  caption: string;
  /** Of the axis. */
  label: string;
  /** What the mean has to exceed; null where there is no such number. */
  margin: number | null;
  /** Shares are shown in points, other numbers as they are. */
  isShare: boolean;
  /** What stands below each row; null: nothing does. */
  beside: string | null;
  rows: readonly ForestRow[];
}

const LINE = 40;
const BESIDE_COLOR = "var(--faint)";

export const STATUS_SIGNS = {
  holds: { symbol: "circle", color: "var(--accent)", text: "holds" },
  fails: { symbol: "cross", color: "var(--family-random-label)", text: "fails" },
  inconclusive: { symbol: "diamond2", color: "var(--ink)", text: "inconclusive" },
} as const;

/** A mark with its interval for each network; below it, hollow, the control with its own. */
export function forestChart(forest: Forest, canvas: Canvas): SVGElement {
  const { rows, margin, label, isShare } = forest;
  const sign = ({ status }: ForestRow) => STATUS_SIGNS[status];
  const known = rows.filter(
    (each): each is ForestRow & { beside: Interval } => each.beside !== null,
  );
  const tick = isShare
    ? percentTick
    : (value: number) => String(Number(value.toFixed(2))).replace("-", "−");
  const line = { strokeWidth: 2, y1: "network", y2: "network" } as const;
  return drawPlot(canvas, naming(forest), {
    height: 60 + LINE * rows.length,
    ...{ marginLeft: 66, marginRight: 12, marginTop: 12, marginBottom: 42 },
    x: { domain: domainOf(forest), label, tickFormat: tick, ticks: 5 },
    y: { type: "band", domain: rows.map(({ network }) => network), label: null, tickSize: 0 },
    marks: [
      Plot.gridX({ ...GRID, ticks: 5 }),
      Plot.ruleX([0], { stroke: "var(--ink)" }),
      ...(margin === null || margin === 0
        ? []
        : [Plot.ruleX([margin], { stroke: "var(--ink)", strokeDasharray: "3 4" })]),
      Plot.link(known, {
        ...{ ...line, strokeWidth: 1.5, stroke: BESIDE_COLOR, dy: 11 },
        x1: ({ beside }: { beside: Interval }) => ends(beside)[0],
        x2: ({ beside }: { beside: Interval }) => ends(beside)[1],
      }),
      Plot.dot(known, {
        ...{ y: "network", dy: 11, r: 3.5, symbol: "square" },
        ...{ fill: "var(--paper)", stroke: BESIDE_COLOR, strokeWidth: 1.5 },
        x: ({ beside }: { beside: Interval }) => beside.mean,
      }),
      Plot.tickX(
        rows.flatMap((row) => row.seeds.map((value) => ({ ...row, value }))),
        {
          ...{ x: "value", y: "network", stroke: (row: ForestRow) => sign(row).color },
          ...{ strokeOpacity: 0.55, insetTop: 3, insetBottom: LINE - 14 },
        },
      ),
      Plot.link(rows, {
        ...{ ...line, stroke: (row: ForestRow) => sign(row).color },
        x1: ({ low, mean }: ForestRow) => low ?? mean,
        x2: ({ high, mean }: ForestRow) => high ?? mean,
      }),
      Plot.dot(rows, {
        ...{ x: "mean", y: "network", r: 5 },
        fill: (row: ForestRow) => sign(row).color,
        symbol: (row: ForestRow) => sign(row).symbol,
        title: ({ network, words }: ForestRow) => `${network}\n${words}`,
      }),
    ],
  });
}

/** The same with its caption and legend; the numbers stand in the page's own table. */
export function forestFigure(forest: Forest): VNode {
  const { title, caption } = forest;
  return figure(
    { title, caption, legend: legendOf(forest), columns: [], rows: [] },
    bothWidths((canvas) => forestChart(forest, canvas)),
  );
}

function legendOf({ rows, beside, margin }: Forest): LegendEntry[] {
  const met = new Set(rows.map(({ status }) => status));
  const statuses = (["holds", "fails", "inconclusive"] as const).filter((each) => met.has(each));
  return [
    ...(margin === null
      ? []
      : statuses.map((each): LegendEntry => {
          const { symbol, color, text } = STATUS_SIGNS[each];
          return { sign: { kind: "dot", symbol, color }, text };
        })),
    ...(margin === null || margin === 0
      ? []
      : [
          {
            sign: { kind: "line", color: "var(--ink)", dash: "3 4", width: 1 },
            text: "margin",
          } as const,
        ]),
    ...(beside === null
      ? []
      : [
          {
            sign: { kind: "dot", symbol: "square", color: BESIDE_COLOR, hollow: true },
            text: beside,
          } as const,
        ]),
  ];
}

/** Zero and the margin are always in it. */
function domainOf({ rows, margin }: Forest): [number, number] {
  const all = [
    ...[0, margin ?? 0],
    ...rows.flatMap(({ mean, low, high, seeds, beside }) => [
      ...[low ?? mean, high ?? mean, ...seeds],
      ...(beside === null ? [] : ends(beside)),
    ]),
  ];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(0.06 * (high - low), 0.002);
  return [low - room, high + room];
}

function naming({ title, rows }: Forest) {
  const said = rows.map(({ network, words }) => `${network}: ${words}.`);
  return { label: title, description: said.join(" ") || "No network yet.", role: "img" as const };
}
