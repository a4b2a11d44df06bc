/** @file How well each measure orders the generalization gap: Kendall's tau with its interval. */

import * as Plot from "@observablehq/plot";
import { bothWidths, figure } from "./figure.ts";
import { type Canvas, GRID, drawPlot } from "./plot.ts";

export interface MeasureBar {
  title: string;
  /** In [-1, 1]; null without an order. */
  tau: number | null;
  low: number | null;
  high: number | null;
  entries: number;
}

type Known = MeasureBar & { tau: number };
const LINE = 28;
const NO_BAR = " Without a bar: unknown, or the same for every entry, so there is no order.";

/** A bar from zero for each measure, in the order given; the rule is its 95 % interval. */
export function measureBarsChart(rows: readonly MeasureBar[], canvas: Canvas): SVGElement {
  const known = rows.filter((row): row is Known => row.tau !== null);
  const isNarrow = canvas.width < 500;
  return drawPlot(canvas, naming(rows), {
    height: 60 + LINE * rows.length,
    marginLeft: isNarrow ? 150 : 260,
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
      Plot.ruleX([0], { stroke: "var(--ink)" }),
    ],
  });
}

export function measureBarsFigure(rows: readonly MeasureBar[], document: Document): HTMLElement {
  return figure(
    document,
    {
      title: "Which measure orders the gap?",
      caption:
        "Kendall's tau-b over the board's configurations, each counted once: 1, the measure puts them in the order of their gap; −1, in the " +
        "opposite order; 0, no relation. The thin rule is the 95 % interval of a percentile bootstrap over them, " +
        "not corrected for the number of measures. One that reaches across zero may be chance, and so may one of " +
        "several that do not; an order over one protocol's configurations is no cause." +
        (rows.some(({ tau }) => tau === null) ? NO_BAR : ""),
      legend: [],
      columns: [
        { title: "measure" },
        { title: "tau", numeric: true },
        { title: "95 % interval", numeric: true },
        { title: "configurations", numeric: true },
      ],
      rows: rows.map(({ title, tau, low, high, entries }) => [
        title,
        two(tau),
        low === null ? "–" : `${two(low)} to ${two(high)}`,
        String(entries),
      ]),
    },
    bothWidths(document, (canvas) => measureBarsChart(rows, canvas)),
  );
}

/** Short, but never without the mark behind the dot. */
function narrowTitle(title: string): string {
  const [name, ...marks] = title.split(" · ");
  const short = name!.length > 20 ? `${name!.slice(0, 19)}…` : name!;
  return [short, ...marks.map((mark) => `· ${mark}`)].join("\n");
}

function two(value: number | null): string {
  return value === null ? "–" : value.toFixed(2).replace("-", "−");
}

const tip = ({ title, tau, low, high, entries }: Known): string =>
  `${title}\ntau ${two(tau)}${low === null ? "" : `, 95 % ${two(low)} to ${two(high)}`}\n${entries} configurations`;

function naming(rows: readonly MeasureBar[]) {
  const said = rows.map(({ title, tau }) => `${title}: ${tau === null ? "no order" : two(tau)}`);
  return {
    label: "Bars of Kendall's tau between each measure and the generalization gap",
    description: `${said.join(", ")}.`,
    role: "img" as const,
  };
}
