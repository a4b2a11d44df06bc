/** @file A scatter for each measure, side by side, with caption, legend and the table behind them. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { type Known, type MeasureBar, hasBar } from "./measure-order.ts";
import { h } from "../markup/element.ts";
import { type LegendEntry, bothWidths, figure, legend } from "./figure.ts";
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
import { decimal, percent, plural } from "./numbers.ts";
import { FAMILIES, architectureShape, regularizerFamily } from "./families.ts";

/** A configuration that a scatter has a point for, by the entry that stands for it. */
interface EntryPoint extends MeasurePoint {
  entry: string;
}

interface ScatterRow {
  title: string;
  /** Is the measure a share, shown in percent? */
  isShare: boolean;
  points: readonly EntryPoint[];
}

/** Panels that are shown before the others unfold. */
const FIRST = 6;

/** @param rows the first ones are shown at once. */
export function measureScattersFigure(rows: readonly ScatterRow[]): VNode {
  const all = rows.flatMap(({ points }) => points);
  const drawn = (some: readonly ScatterRow[]) =>
    panels(
      some.map((row) => ({
        title: row.title,
        picture: measureScatterChart(row, canvasOf(PANEL)),
      })),
    );
  const rest = rows.slice(FIRST);
  return figure(
    {
      title: "One point a configuration",
      caption:
        "Each configuration counts once, by the entry that stands for it. " +
        "Upward: the generalization gap, mean over that entry's runs. Across: the measure, each on a scale of its own. " +
        "Points that climb to the right: the gap rises with the measure. See whether it does so within one shape " +
        "(a family of architectures) too, or only from one to the next: then it may stand for the architecture alone.",
      legend: [],
      columns: [
        { title: "configuration" },
        { title: "gap (points)", numeric: true },
        ...rows.map((row) => ({ title: withUnit(row), numeric: true as const })),
      ],
      rows: tableRows(rows),
    },
    [
      legend(mapLegend(all)), // first: there are panels below it
      drawn(rows.slice(0, FIRST)),
      rest.length === 0
        ? null
        : h(
            "details",
            { class: "more" },
            h("summary", {}, `The other ${plural(rest.length, "measure")}`),
            drawn(rest),
          ),
    ],
  );
}

/** One line a configuration; a dash where it does not have the measure. */
function tableRows(rows: readonly ScatterRow[]): string[][] {
  const entries = new Map(rows.flatMap(({ points }) => points.map((each) => [each.entry, each])));
  const columns = rows.map(({ points, isShare }) => ({
    isShare,
    values: new Map(points.map(({ entry, measure }) => [entry, measure])),
  }));
  return Array.from(entries.values(), ({ entry, arch, regs, gap }) => [
    `${arch} ${regs}`,
    percent(gap),
    ...columns.map(({ values, isShare }) => number(values.get(entry), isShare)),
  ]);
}

function number(value: number | undefined, isShare: boolean): string {
  if (value === undefined) return "–";
  return isShare ? percent(value) : String(Number(value.toPrecision(4))).replace("-", "−");
}

/** `capacity (%)`; what is no share has its unit, if any, in its name. */
const withUnit = ({ title, isShare }: Pick<ScatterRow, "title" | "isShare">) => {
  const [name, ...marks] = title.split(MARK);
  return [isShare ? `${name} (%)` : name, ...marks].join(MARK);
};

/** Between a measure's name and what is said of it. */
const MARK = " · ";

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
  /** Is the measure a share, shown in percent? */
  isShare: boolean;
  points: readonly MeasurePoint[];
}

export function measureScatterChart(
  { title, isShare, points }: MeasureScatter,
  canvas: Canvas,
): SVGElement {
  return drawPlot(canvas, scatterDescription(title, points), {
    height: 260,
    marginLeft: 44,
    marginRight: 14,
    marginTop: 26,
    marginBottom: 40,
    x: {
      domain: domainOf(points.map(({ measure }) => measure)),
      label: withUnit({ title: title.split(MARK)[0]!, isShare }),
      ticks: 4,
      ...(isShare && { tickFormat: percentTick }),
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
        symbol: ({ arch }: MeasurePoint) => architectureShape(arch),
        title: ({ arch, regs, measure, gap }: MeasurePoint) =>
          `${arch}, ${regs}\n${withUnit({ title, isShare })} ${number(measure, isShare)}\ngap ${percentTick(gap)} points`,
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

/** Pixels for a measure; on a narrow screen its name has a line of its own, above the bar. */
const [LINE, NARROW_LINE] = [28, 44];

/**
 * A bar from zero for each measure that has one, in the order given; the rule is its 95 % interval, the diamond its
 * partial tau.
 */
export function measureBarsChart(rows: readonly MeasureBar[], canvas: Canvas): SVGElement {
  const known = rows.filter(hasBar);
  const isNarrow = canvas.width < 500;
  return drawPlot(canvas, naming(known), {
    height: 60 + (isNarrow ? NARROW_LINE : LINE) * known.length,
    marginLeft: isNarrow ? 16 : 330,
    marginRight: 16,
    marginTop: 12,
    marginBottom: 40,
    x: { domain: [-1, 1], label: "Kendall's tau of measure and gap", ticks: isNarrow ? 3 : 5 },
    y: {
      type: "band",
      domain: known.map(({ title }) => title),
      label: null,
      tickSize: 0,
      padding: isNarrow ? 0.62 : 0.35,
      ...(isNarrow && { axis: null }),
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
      ...(isNarrow ? [namesAbove(known)] : []), // last: zero's line would strike them through
    ],
  });
}

const DIAMOND: LegendEntry = {
  sign: { kind: "dot", symbol: "diamond2", color: "var(--ink)", hollow: true },
  text: "partial tau",
};

function namesAbove(rows: readonly Known[]): Plot.RenderableMark {
  return Plot.text(rows, {
    ...{ x: -1, y: "title", text: "title", dy: -18 },
    ...{ textAnchor: "start", fill: "currentColor", stroke: "var(--paper)", strokeWidth: 5 },
  });
}

/** Null where no measure has a bar. */
export function measureBarsFigure(rows: readonly MeasureBar[]): VNode | null {
  if (!rows.some(hasBar)) return null;
  return figure(
    {
      title: "Which measure orders the gap?",
      caption: "Tau of each measure and the gap, with 95 % intervals, as explained above.",
      legend: rows.some((row) => hasBar(row) && row.partialTau !== null) ? [DIAMOND] : [],
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

const tip = ({ title, tau, low, high, partialTau, entries, architectures }: Known): string =>
  `${title}\ntau ${decimal(tau)}${low === null ? "" : `, 95 % ${decimal(low)} to ${decimal(high)}`}` +
  `${partialTau === null ? "" : `\npartial tau ${decimal(partialTau)}`}` +
  `\n${entries} configurations, ${architectures} architectures`;

function naming(rows: readonly Known[]) {
  const said = rows.map(({ title, tau }) => `${title}: ${decimal(tau)}`);
  return {
    label: "Bars of Kendall's tau between each measure and the generalization gap",
    description: `${said.join(", ")}.`,
    role: "img" as const,
  };
}
