/** @file What heads know of their labels, tap by tap and epoch by epoch: a map of shades. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { figure } from "./figure.ts";
import type { HeadCurvesRow } from "./head-curves.ts";
import { divergenceNote } from "./learning-curves.ts";
import { percent } from "./numbers.ts";
import { type Canvas, PANEL, canvasOf, drawPlot, panels } from "./plot.ts";
import { mean } from "../../record/statistics/t-interval.ts";

/** A band a tap, the deepest on top, and below them the heads on the frozen trunk; shades from chance to the highest mean. */
export function depthOverTrainingChart(row: HeadCurvesRow, canvas: Canvas): SVGElement {
  const bands = bandsOf(row);
  const columns = columnsOf(bands);
  const top = highest(bands);
  const epochs = Math.max(1, ...bands.map(({ epochs }) => epochs.length));
  const longest = Math.max(...bands.map(({ name }) => name.length));
  const cells = bands.flatMap((band) =>
    columns.map(({ from, to }) => ({
      ...{ name: band.name, from, to, isFrozen: band.isFrozen },
      value: mean(band.epochs.slice(from, to)),
    })),
  );
  return drawPlot(canvas, naming(row, bands), {
    height: 66 + Math.max(14, Math.min(46, 200 / bands.length)) * bands.length,
    marginLeft: Math.min(110, 12 + 6.4 * longest),
    marginRight: 48,
    marginTop: 24,
    marginBottom: 40,
    x: { domain: [0.5, epochs + 0.5], label: "epoch", ticks: 5, tickFormat: "d" },
    y: {
      ...{ type: "band", domain: bands.map(({ name }) => name), label: null },
      ...{ padding: 0.06, tickSize: 0 },
    },
    marks: [
      Plot.barX(cells, {
        x1: ({ from }: Cell) => from + 0.5,
        x2: ({ to }: Cell) => to + 0.5,
        y: "name",
        fill: ({ isFrozen }: Cell) => (isFrozen ? "var(--ink)" : "var(--accent)"),
        fillOpacity: ({ value }: Cell) => Math.max(0, value) / top,
      }),
      Plot.text(bands, {
        ...{ x: epochs + 0.5, y: "name", dx: 6, textAnchor: "start", fontSize: 11 },
        text: ({ epochs: shares }: Band) => `${percent(shares.at(-1) ?? null)} %`,
      }),
    ],
  });
}

/** With caption and table; null where no head of the headline's label space has finished an epoch. */
export function depthOverTrainingFigure(row: HeadCurvesRow): VNode | null {
  const bands = bandsOf(row);
  if (bands.every(({ epochs }) => epochs.length === 0)) return null;
  return figure(
    {
      title: "Random labels learned, by depth and epoch",
      caption:
        `Each band is a tap, the deepest on top; the stronger its colour, the more random labels (n = ${row.headline}) its heads get right on ` +
        `training batches: no colour is chance, the full colour ${percent(highest(bands))} %, a mean over draws and runs. The number ` +
        "is the last epoch's. The grey band: heads at the last tap of the trunk that never trains. What it learns takes no training of the network.",
      legend: [],
      columns: [
        { title: "tap" },
        ...QUARTERS.map(({ title }) => ({ title: `${title} (%)`, numeric: true as const })),
      ],
      rows: bands.map(({ name, epochs }) => [
        name,
        ...QUARTERS.map(({ share }) =>
          percent(epochs[Math.round(share * (epochs.length - 1))] ?? null),
        ),
      ]),
    },
    [
      panels([
        {
          title: `${row.arch} ${row.regs}`,
          note: divergenceNote(row),
          picture: depthOverTrainingChart(row, canvasOf(PANEL)),
        },
      ]),
    ],
  );
}

const QUARTERS = [
  { title: "first epoch", share: 0 },
  { title: "a quarter", share: 0.25 },
  { title: "half", share: 0.5 },
  { title: "three quarters", share: 0.75 },
  { title: "last epoch", share: 1 },
] as const;

interface Band {
  name: string;
  isFrozen: boolean;
  /** A of each epoch, a mean over the draws that nothing acts on; negative below chance. */
  epochs: number[];
}

interface Cell {
  name: string;
  isFrozen: boolean;
  /** Epochs `from` to `to`, from 0, the last one left out. */
  from: number;
  to: number;
  value: number;
}

/** Of the headline's label space. */
function bandsOf({ heads, headline, taps }: HeadCurvesRow): Band[] {
  const free = heads.filter(({ n, regularized }) => n === headline && !regularized);
  const band = (name: string, tap: number, isFrozen: boolean): Band[] => {
    const own = free.filter((head) => head.tap === tap && head.frozen === isFrozen);
    if (own.length === 0) return [];
    const epochs = own[0]!.epochs.map((_, e) => mean(own.map((head) => head.epochs[e]!.mean)));
    return [{ name, isFrozen, epochs }];
  };
  return [
    ...taps.flatMap((name, i) => band(name, i + 1, false)).toReversed(),
    ...band("(frozen trunk)", taps.length, true), // no tap can be called so
  ];
}

/** The deepest shade: at least a tenth, so that chance does not look like knowledge. */
function highest(bands: readonly Band[]): number {
  return Math.max(0.1, ...bands.flatMap(({ epochs }) => epochs));
}

/** More cannot be told apart in a panel. */
const MOST_COLUMNS = 50;

/** Epochs, or of a long training means over several. */
function columnsOf(bands: readonly Band[]): { from: number; to: number }[] {
  const all = Math.max(...bands.map(({ epochs }) => epochs.length));
  const width = Math.ceil(all / MOST_COLUMNS);
  return Array.from({ length: Math.ceil(all / width) }, (_, i) => ({
    from: i * width,
    to: Math.min(all, (i + 1) * width),
  }));
}

function naming({ arch, regs }: HeadCurvesRow, bands: readonly Band[]) {
  const said = bands.map(
    ({ name, epochs }) =>
      `${name} goes from ${percent(epochs[0] ?? null)} to ${percent(epochs.at(-1) ?? null)} %`,
  );
  return {
    label: `Random labels learned by ${arch} ${regs}, by depth and epoch`,
    description: `${said.join(", ")}.`,
    role: "img" as const,
  };
}
