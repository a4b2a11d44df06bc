/** @file Dose and response: a quantity against the strength of one regularizer, on a logarithmic axis. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { csvNames } from "../../record/csv.ts";
import { type DoseNumbers, type DoseRow, doseFamily, strengthsOf } from "./dose-rows.ts";
import { FAMILIES, architectureSymbols } from "./families.ts";
import { type ChartRows, type LegendEntry, figure, intervalCells } from "./figure.ts";
import { ends, percent, percentInterval } from "./numbers.ts";
import {
  type Canvas,
  canvasOf,
  GRID,
  type LineEnd,
  drawPlot,
  endLabels,
  endMargin,
  paddedDomain,
  panels,
  percentTick,
} from "./plot.ts";

/** What is drawn, a small picture each; the frozen trunk's beside it where it has one. */
const QUANTITIES = {
  learnedComplexity: { title: "learned complexity (%)", frozen: "frozenComplexity" },
  capacity: { title: "capacity (%)", frozen: "frozenCapacity" },
  gap: { title: "gap (points)", frozen: null },
  testAccuracy: { title: "test accuracy (%)", frozen: null },
} as const satisfies Partial<Record<keyof DoseNumbers, unknown>>;
type Quantity = keyof typeof QUANTITIES;
const NAMES = Object.keys(QUANTITIES) as Quantity[];

/** A line an architecture; dashed: its frozen trunk. At the left, beyond the break of the axis, what it is without. */
export function doseChart(row: DoseRow, quantity: Quantity, canvas: Canvas): SVGElement {
  const axis = axisOf(row);
  const lines = linesOf(row, quantity, axis);
  const drawn = lines.filter(({ points }) => points.length > 0);
  const named = row.architectures.length > 1 ? drawn.filter(({ frozen }) => !frozen) : [];
  const heights = drawn.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high]));
  return drawPlot(canvas, naming(row, quantity, lines), {
    height: 250,
    marginLeft: 40,
    marginRight: named.length > 0 ? endMargin(named) : 16,
    marginTop: 26,
    marginBottom: 42,
    x: {
      domain: axis.domain,
      label: `${row.regularizer}=`,
      ticks: axis.ticks.map(({ at }) => at),
      tickFormat: (at: number) => axis.ticks.find((tick) => tick.at === at)?.text ?? "",
    },
    y: {
      domain: paddedDomain(heights),
      label: QUANTITIES[quantity].title,
      tickFormat: percentTick,
      ticks: 5,
    },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      ...baselines(drawn),
      ...drawn.flatMap(lineMarks),
      ...axisBreak(axis),
      ...(named.length > 0 ? [endLabels(named, axis.domain[1])] : []),
    ],
  });
}

/** Pixels: four stand side by side on a page, and scaled down their words could not be read. */
const WIDTH = 300;

/** A figure's worth of small pictures for each regularizer. @param isExplained a page with several of them says once how to read one. */
export function doseFigure(row: DoseRow, isExplained = true): VNode {
  return figure(
    {
      title: `Dose and response: ${titleOf(row)}`,
      caption: [...(isExplained ? [CAPTION] : []), ...voidNotes(row)].join(" "),
      legend: legendOf(row),
      columns: [
        { title: "configuration" },
        { title: "strength", numeric: true },
        ...NAMES.map((name) => ({ title: QUANTITIES[name].title, numeric: true as const })),
        { title: "heads on the frozen trunk (%)", numeric: true },
        { title: "frozen trunk's capacity (%)", numeric: true },
      ],
      rows: row.architectures.flatMap(({ arch, doses }) =>
        doses.map((dose) => [
          `${arch} ${dose.regs}`,
          { content: String(dose.strength), order: dose.strength },
          ...COLUMNS.map((name) => percentInterval(dose[name])),
        ]),
      ),
    },
    [
      panels(
        NAMES.map((quantity) => ({
          title: QUANTITIES[quantity].title.replace(/ \(.*/, ""),
          picture: doseChart(row, quantity, canvasOf(WIDTH)),
        })),
        true,
      ),
    ],
  );
}

/** The numbers behind the figure. */
export function doseData({ regularizer, architectures }: DoseRow): ChartRows {
  return {
    columns: ["arch", "regs", "regularizer", "strength", ...COLUMNS.flatMap(csvNames)],
    rows: architectures.flatMap(({ arch, doses }) =>
      doses.map((dose) => [
        ...[arch, dose.regs, regularizer, dose.strength],
        ...COLUMNS.flatMap((name) => intervalCells(dose[name])),
      ]),
    ),
  };
}

const COLUMNS = [...NAMES, "frozenComplexity", "frozenCapacity"] as const;

const titleOf = ({ regularizer, base }: DoseRow): string =>
  `${regularizer}=${base === "none" ? "" : `, beside ${base}`}`;

const CAPTION =
  "Means over seeds and their 95 % intervals against the regularizer's strength, which grows to the right on a logarithmic " +
  "axis. Left of the break is the same network without it, and dotted how it goes on from there. Dashed is the trunk " +
  "before training. Each picture has its own upright axis. A quantity that falls while test accuracy falls, too, is a network that " +
  "learned less; points whose bars overlap may be alike.";

/** Where lines are broken. */
function voidNotes({ architectures }: DoseRow): string[] {
  const left = architectures.flatMap(({ arch, doses }) =>
    doses
      .filter(({ diverged }) => diverged > 0)
      .map(({ regs, runs, diverged }) => `${arch} ${regs} (${diverged} of ${runs} runs diverged)`),
  );
  return left.length === 0 ? [] : [`Left out, where lines are broken: ${left.join("; ")}.`];
}

function legendOf({ regularizer, architectures }: DoseRow): LegendEntry[] {
  const color = colorOf(regularizer);
  const symbols = architectureSymbols(architectures.map(({ arch }) => arch));
  return [
    ...Array.from(symbols, ([arch, symbol]): LegendEntry => ({
      sign: { kind: "dot", symbol, color },
      text: arch,
    })),
    {
      sign: { kind: "line", color: "var(--faint)", dash: "6 3", width: 1.5 },
      text: "frozen trunk",
    },
    { sign: { kind: "line", color, dash: "1 4", width: 1.5 }, text: "as without it" },
  ];
}

const colorOf = (regularizer: string): string => FAMILIES[doseFamily({ regularizer })].color;

/** Places on the axis, in decades; 0 has one of its own, left of a break. */
interface DoseAxis {
  domain: [number, number];
  place: (strength: number) => number;
  ticks: { at: number; text: string }[];
  /** Where the break is drawn; null without a configuration of strength 0. */
  gap: number | null;
}

/** Shares of the axis that 0 and its break take. */
const APART = 0.3;

function axisOf({ architectures, base }: DoseRow): DoseAxis {
  const all = architectures.flatMap(({ doses }) => doses);
  const strengths = [...new Set(strengthsOf(all))].sort((a, b) => a - b);
  const [low, high] = [Math.log10(strengths[0]!), Math.log10(strengths.at(-1)!)];
  const apart = (high - low) * APART;
  const hasZero = all.some(({ strength }) => strength === 0);
  const place = (strength: number) => (strength === 0 ? low - apart : Math.log10(strength));
  const room = (high - low) * 0.05;
  const texts = [
    ...(hasZero ? [{ at: place(0), text: base === "none" ? "none" : "without" }] : []),
    ...tickTexts(strengths),
  ];
  return {
    domain: [hasZero ? place(0) - room : low - room, high + room],
    place,
    ticks: texts,
    gap: hasZero ? low - apart / 2 : null,
  };
}

/** The strengths themselves while they fit; else whole decades. */
function tickTexts(strengths: readonly number[]): DoseAxis["ticks"] {
  const [first, last] = [Math.log10(strengths[0]!), Math.log10(strengths.at(-1)!)];
  const near = (last - first) / 7;
  const kept = strengths.reduce<number[]>((chosen, strength) => {
    const before = chosen.at(-1);
    const fits = before === undefined || Math.log10(strength) - Math.log10(before) >= near;
    return fits ? [...chosen, strength] : chosen;
  }, []);
  return kept.map((strength) => ({ at: Math.log10(strength), text: String(strength) }));
}

interface DosePoint {
  x: number;
  mean: number;
  low: number;
  high: number;
  strength: number;
}

interface DoseLine extends LineEnd {
  symbol: ReturnType<typeof architectureSymbols> extends Map<string, infer S> ? S : never;
  frozen: boolean;
  points: DosePoint[];
  /** What a line joins: beyond strength 0, with a mean of NaN, which breaks it, where nothing was measured. */
  path: Pick<DosePoint, "x" | "mean">[];
}

/** Frozen trunks first, so that networks are drawn over them. */
function linesOf(row: DoseRow, quantity: Quantity, { place, domain }: DoseAxis): DoseLine[] {
  const middle = (row.architectures.length - 1) / 2;
  // so that bars of several architectures do not hide each other
  const aside = (i: number) => (i - middle) * 0.012 * (domain[1] - domain[0]);
  const symbols = architectureSymbols(row.architectures.map(({ arch }) => arch));
  const { frozen } = QUANTITIES[quantity];
  const line = (name: keyof DoseNumbers, isFrozen: boolean) =>
    row.architectures.map(({ arch, doses }, i): DoseLine => {
      const points = doses.flatMap((dose): DosePoint[] => {
        const value = dose[name];
        if (value === null) return [];
        const [low, high] = ends(value);
        const { strength } = dose;
        return [{ x: place(strength) + aside(i), mean: value.mean, low, high, strength }];
      });
      return {
        label: isFrozen ? `${arch}, frozen trunk` : arch,
        y: points.at(-1)?.mean ?? 0,
        color: isFrozen ? "var(--faint)" : colorOf(row.regularizer),
        symbol: symbols.get(arch)!,
        frozen: isFrozen,
        points,
        path: doses
          .filter(({ strength }) => strength > 0)
          .map((dose) => ({ x: place(dose.strength) + aside(i), mean: dose[name]?.mean ?? NaN })),
      };
    });
  return [...(frozen === null ? [] : line(frozen, true)), ...line(quantity, false)];
}

function lineMarks({ points, path, color, symbol, frozen }: DoseLine): Plot.Markish[] {
  const bars = { x: "x", y1: "low", y2: "high", stroke: color, strokeOpacity: 0.75 };
  if (frozen)
    return [
      Plot.ruleX(points, bars),
      Plot.lineY(path, { x: "x", y: "mean", stroke: color, strokeDasharray: "6 3" }),
      Plot.dot(points, { x: "x", y: "mean", symbol, r: 2, fill: color }),
    ];
  return [
    Plot.ruleX(points, bars),
    Plot.lineY(path, { x: "x", y: "mean", stroke: color, strokeWidth: 2 }),
    Plot.dot(points, {
      ...{ x: "x", y: "mean", symbol, r: 4.5, fill: color },
      ...{ stroke: "var(--paper)", strokeWidth: 1 },
      title: ({ mean, strength }: DosePoint) => `${strength}: ${percent(mean)}`,
    }),
  ];
}

/** From the mean without the regularizer to the right, as far as the line goes. */
function baselines(lines: readonly DoseLine[]): Plot.Markish[] {
  return lines.flatMap(({ points, frozen, color }) => {
    const [without] = points;
    if (frozen || without?.strength !== 0) return [];
    return Plot.ruleY([without], {
      ...{ y: "mean", x1: without.x, x2: points.at(-1)!.x },
      ...{ stroke: color, strokeDasharray: "1 4", strokeWidth: 1.5 },
    });
  });
}

/** Two strokes through the axis. */
function axisBreak({ gap }: DoseAxis): Plot.Markish[] {
  if (gap === null) return [];
  return [
    Plot.text([gap], {
      ...{ x: (at: number) => at, text: () => "//", frameAnchor: "bottom", dy: 6 },
      ...{ fill: "var(--ink)", fontWeight: 600 },
    }),
  ];
}

function naming(row: DoseRow, quantity: Quantity, lines: readonly DoseLine[]) {
  const said = lines
    .filter(({ points }) => points.length > 0)
    .map(({ label, points }) => {
      const doses = points.map(({ strength, mean }) => `${percent(mean)} at ${strength}`);
      return `${label}: ${doses.join(", ")}.`;
    });
  return {
    label: `${QUANTITIES[quantity].title} against the strength of ${titleOf(row)}`,
    description: said.join(" ") || "Nothing was measured.",
    role: "img" as const,
  };
}
