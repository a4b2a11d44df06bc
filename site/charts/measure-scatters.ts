/** @file A scatter for each measure, side by side, with caption, legend and the table behind them. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { bothWidths, figure, legend } from "./figure.ts";
import { mapLegend } from "./complexity-gap.ts";
import {
  type Canvas,
  canvasOf,
  GRID,
  PANEL,
  drawPlot,
  paddedDomain,
  panels,
  percentTick,
} from "./plot.ts";
import { decimal, percent } from "./numbers.ts";
import { FAMILIES, architectureSymbols, regularizerFamily } from "./families.ts";

/** A configuration that a scatter has a point for, by the entry that stands for it. */
interface EntryPoint extends MeasurePoint {
  entry: string;
}

interface ScatterRow {
  title: string;
  points: readonly EntryPoint[];
}

export function measureScattersFigure(rows: readonly ScatterRow[]): VNode {
  const all = rows.flatMap(({ points }) => points);
  const architectures = all.map(({ arch }) => arch);
  const drawn = panels(
    rows.map(({ title, points }) => ({
      title,
      picture: measureScatterChart({ title, points, architectures }, canvasOf(PANEL)),
    })),
  );
  return figure(
    {
      title: "One point a configuration",
      caption:
        "Each configuration counts once, by the entry that stands for it. " +
        "Upright: the generalization gap, mean over that entry's runs. Across: the measure, each on a scale of its own. " +
        "Points that climb to the right: the gap rises with the measure. See whether it does so within one shape " +
        "(an architecture) too, or only from one to the next: then it may stand for the architecture alone.",
      legend: [],
      columns: [
        { title: "configuration" },
        { title: "gap (points)", numeric: true },
        ...rows.map(({ title }) => ({ title, numeric: true as const })),
      ],
      rows: tableRows(rows),
    },
    [legend(mapLegend(all)), drawn], // first: there may be ten panels below it
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

/** One measure against the generalization gap. */
interface MeasurePoint {
  arch: string;
  regs: string;
  measure: number;
  /** As a share. */
  gap: number;
}

interface MeasureScatter {
  title: string;
  points: readonly MeasurePoint[];
  /** That share the shapes out, on all scatters alike: not every one has every measure. */
  architectures: readonly string[];
}

export function measureScatterChart(
  { title, points, architectures }: MeasureScatter,
  canvas: Canvas,
): SVGElement {
  const symbols = architectureSymbols(architectures);
  return drawPlot(canvas, scatterDescription(title, points), {
    height: 260,
    marginLeft: 44,
    marginRight: 14,
    marginTop: 26,
    marginBottom: 40,
    x: {
      domain: domainOf(points.map(({ measure }) => measure)),
      label: title,
      ticks: 4,
      ...(points.some(({ measure }) => Math.abs(measure) >= 1e4) && { tickFormat: short }),
    },
    y: {
      domain: paddedDomain(points.map(({ gap }) => gap)),
      label: "gap (points)",
      tickFormat: percentTick,
      ticks: 5,
    },
    marks: [
      Plot.gridX({ ...GRID, ticks: 4 }),
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.dot(points, {
        x: "measure",
        y: "gap",
        r: 4,
        fill: ({ regs }: MeasurePoint) => FAMILIES[regularizerFamily(regs)].color,
        symbol: ({ arch }: MeasurePoint) => symbols.get(arch)!,
        title: ({ arch, regs, measure, gap }: MeasurePoint) =>
          `${arch}, ${regs}\n${title} ${Number(measure.toPrecision(4))}\ngap ${percentTick(gap)} points`,
      }),
    ],
  });
}

/** Measures have scales of their own, from shares to millions. */
function domainOf(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = low === high ? Math.max(0.5, 0.2 * Math.abs(high)) : 0.06 * (high - low);
  return [low - room, high + room];
}

/** `1.84M`, `42k`: room for four ticks. */
function short(value: number): string {
  const [divisor, unit] =
    Math.abs(value) >= 1e6 ? [1e6, "M"] : Math.abs(value) >= 1e4 ? [1e3, "k"] : [1, ""];
  return `${Number((value / divisor).toPrecision(4))}${unit}`.replace("-", "−");
}

function scatterDescription(title: string, points: readonly MeasurePoint[]) {
  return {
    label: `Scatter plot of ${title} against generalization gap`,
    description:
      points.length === 0
        ? "No configuration has both."
        : `${points.length} configurations; the bars above say how well one orders the other.`,
    role: "img" as const,
  };
}

/** How well each measure orders the generalization gap: Kendall's tau with its interval. */
interface MeasureBar {
  title: string;
  /** In [-1, 1]; null without an order. */
  tau: number | null;
  low: number | null;
  high: number | null;
  /** Given the last tap's width and the train loss; null where there is none. */
  partialTau: number | null;
  entries: number;
  architectures: number;
  coupled: boolean;
}

type Known = MeasureBar & { tau: number };
const LINE = 28;
const NO_BAR =
  " Without a bar: unknown, or the same for every configuration, so there is no order.";

/** A bar from zero for each measure, in the order given; the rule is its 95 % interval, the diamond its partial tau. */
export function measureBarsChart(rows: readonly MeasureBar[], canvas: Canvas): SVGElement {
  const known = rows.filter((row): row is Known => row.tau !== null);
  const isNarrow = canvas.width < 500;
  return drawPlot(canvas, naming(rows), {
    height: 60 + LINE * rows.length,
    marginLeft: isNarrow ? 150 : 330,
    marginRight: 16,
    marginTop: 12,
    marginBottom: 40,
    x: { domain: [-1, 1], label: "Kendall's tau of measure and gap", ticks: isNarrow ? 3 : 5 },
    y: {
      type: "band",
      domain: rows.map(({ title }) => title),
      label: null,
      tickSize: 0,
      padding: 0.35,
      tickFormat: isNarrow ? narrowTitle : (title: string) => title,
    },
    marks: [
      Plot.gridX({ ...GRID, ticks: 5 }),
      Plot.barX(known, { x: "tau", y: "title", fill: "var(--family-label-smoothing)", title: tip }),
      Plot.link(
        known.filter(({ low, high }) => low !== null && high !== null),
        { x1: "low", x2: "high", y1: "title", y2: "title", stroke: "var(--ink)", strokeWidth: 2 },
      ),
      Plot.dot(
        known.filter(({ partialTau }) => partialTau !== null),
        {
          x: "partialTau",
          y: "title",
          r: 4.5,
          symbol: "diamond2",
          fill: "var(--paper)",
          stroke: "var(--ink)",
        },
      ),
      Plot.ruleX([0], { stroke: "var(--ink)" }),
    ],
  });
}

export function measureBarsFigure(rows: readonly MeasureBar[]): VNode {
  return figure(
    {
      title: "Which measure orders the gap?",
      caption:
        "Kendall's tau-b over the board's configurations, each counted once: 1, the measure puts them in the order of their gap; −1, in the " +
        "opposite order; 0, no relation. The thin rule is the 95 % interval of a percentile bootstrap that draws whole architectures, " +
        "as configurations of one are no independent evidence; below eight architectures there is none. It is " +
        "not corrected for the number of measures: one that reaches across zero may be chance, and so may one of " +
        "several that do not. The diamond is the partial tau given the last tap's width and the train loss: what is left of the order " +
        "when these two are held fixed, without an interval of its own; a measure that is one of them has none. A shared order does not show a cause." +
        (rows.some(({ tau }) => tau === null) ? NO_BAR : ""),
      legend: [
        {
          sign: { kind: "dot", symbol: "diamond2", color: "var(--ink)", hollow: true },
          text: "partial tau",
        },
      ],
      columns: [
        { title: "measure" },
        { title: "tau", numeric: true },
        { title: "95 % interval", numeric: true },
        { title: "partial tau", numeric: true },
        { title: "configurations", numeric: true },
        { title: "architectures", numeric: true },
        { title: "coupled to the gap" },
      ],
      rows: rows.map(({ title, tau, low, high, partialTau, entries, architectures, coupled }) => [
        title,
        decimal(tau),
        low === null ? "–" : `${decimal(low)} to ${decimal(high)}`,
        decimal(partialTau),
        String(entries),
        String(architectures),
        coupled ? "yes" : "no",
      ]),
    },
    bothWidths((canvas) => measureBarsChart(rows, canvas)),
  );
}

/** Short, but never without the mark behind the dot. */
function narrowTitle(title: string): string {
  const [name, ...marks] = title.split(" · ");
  const short = name!.length > 20 ? `${name!.slice(0, 19)}…` : name!;
  return marks.length === 0 ? short : `${short}\n· ${marks.join(" · ")}`;
}

const tip = ({ title, tau, low, high, partialTau, entries, architectures }: Known): string =>
  `${title}\ntau ${decimal(tau)}${low === null ? "" : `, 95 % ${decimal(low)} to ${decimal(high)}`}` +
  `${partialTau === null ? "" : `\npartial tau ${decimal(partialTau)}`}` +
  `\n${entries} configurations, ${architectures} architectures`;

function naming(rows: readonly MeasureBar[]) {
  const said = rows.map(
    ({ title, tau }) => `${title}: ${tau === null ? "no order" : decimal(tau)}`,
  );
  return {
    label: "Bars of Kendall's tau between each measure and the generalization gap",
    description: `${said.join(", ")}.`,
    role: "img" as const,
  };
}
