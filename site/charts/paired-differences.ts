/** @file Paired differences as a forest plot: which of them stays clear of zero. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import type { Interval } from "../../record/statistics/interval.ts";
import { figure } from "./figure.ts";
import { type Canvas, canvasOf, GRID, PANEL, drawPlot, panels, percentTick } from "./plot.ts";
import { ends, percent, percentInterval } from "./numbers.ts";

export interface DifferenceRow {
  /** Such as `A − B`. */
  label: string;
  /** First minus second, as a share; null without a shared seed. */
  difference: Interval | null;
  /** Is it more than chance, after the correction? */
  significant: boolean;
  /** In words. */
  verdict: string;
}

/** One quantity. */
export interface DifferencesRow {
  title: string;
  pairs: readonly DifferenceRow[];
}

type Known = DifferenceRow & { difference: Interval };
const LINE = 30;
const SIGNIFICANT = "var(--accent)";
const OTHER = "var(--faint)";

/** A dot with its 95 % interval for each pair; the upright line is no difference. */
export function pairedDifferencesChart(row: DifferencesRow, canvas: Canvas): SVGElement {
  const known = row.pairs.filter((pair): pair is Known => pair.difference !== null);
  const color = ({ significant }: DifferenceRow) => (significant ? SIGNIFICANT : OTHER);
  return drawPlot(canvas, naming(row), {
    height: 60 + LINE * row.pairs.length,
    marginLeft: 64,
    marginRight: 12,
    marginTop: 12,
    marginBottom: 40,
    x: {
      domain: domainOf(known),
      label: "difference (points)",
      tickFormat: percentTick,
      ticks: 5,
    },
    y: { type: "band", domain: row.pairs.map(({ label }) => label), label: null, tickSize: 0 },
    marks: [
      Plot.gridX({ ...GRID, ticks: 5 }),
      Plot.ruleX([0], { stroke: "var(--ink)" }),
      Plot.link(known, {
        x1: ({ difference }: Known) => ends(difference)[0],
        x2: ({ difference }: Known) => ends(difference)[1],
        y1: "label",
        y2: "label",
        stroke: color,
        strokeWidth: 2,
      }),
      Plot.dot(known, {
        x: ({ difference }: Known) => difference.mean,
        y: "label",
        r: 5,
        fill: color,
        symbol: ({ significant }: Known) => (significant ? "circle" : "diamond2"),
        title: tip,
      }),
    ],
  });
}

export function pairedDifferencesFigure(rows: readonly DifferencesRow[]): VNode {
  return figure(
    {
      title: "Paired differences over shared seeds",
      caption:
        "First minus second entry of each pair, with its 95 % interval. A blue circle is a difference that the paired " +
        "test, corrected for all pairs and quantities shown, holds to be more than chance; a grey diamond is one that " +
        "these seeds cannot tell from none. Intervals are not corrected, so that of a diamond may leave out zero. " +
        "Each panel has its own scale.",
      legend: [
        { sign: { kind: "dot", symbol: "circle", color: SIGNIFICANT }, text: "more than chance" },
        { sign: { kind: "dot", symbol: "diamond2", color: OTHER }, text: "not distinguishable" },
      ],
      columns: [
        { title: "pair" },
        { title: "quantity" },
        { title: "difference (points)", numeric: true },
        { title: "verdict" },
      ],
      rows: rows.flatMap(({ title, pairs }) =>
        pairs.map(({ label, difference, verdict }) => [
          label,
          title,
          percentInterval(difference),
          verdict,
        ]),
      ),
    },
    [
      panels(
        rows.map((row) => ({
          title: row.title,
          picture: pairedDifferencesChart(row, canvasOf(PANEL)),
        })),
      ),
    ],
  );
}

/** Zero is always in it. */
function domainOf(known: readonly Known[]): [number, number] {
  const all = [0, ...known.flatMap(({ difference }) => ends(difference))];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(0.08 * (high - low), 0.005);
  return [low - room, high + room];
}

const tip = ({ label, difference, verdict }: Known): string =>
  `${label}\n${percentInterval(difference)} points over ${difference.count} seeds\n${verdict}`;

function naming({ title, pairs }: DifferencesRow) {
  const said = pairs.map(({ label, difference, verdict }) =>
    difference === null
      ? `${label}: no shared seed.`
      : `${label}: ${percent(difference.mean)} points, ${verdict}.`,
  );
  return {
    label: `Paired differences of ${title}`,
    description: said.join(" ") || "Nothing to compare.",
    role: "img" as const,
  };
}
