/** @file Learning curves of one configuration: class accuracy and random-label accuracy over the epochs. */

import type { VNode } from "preact";
import * as Plot from "@observablehq/plot";
import { csvNames } from "../../record/csv.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import {
  type Canvas,
  canvasOf,
  GRID,
  type LineEnd,
  PANEL,
  drawPlot,
  endLabels,
  endMargin,
  panels,
  percentTick,
} from "./plot.ts";
import { type ChartRows, type LegendEntry, figure, intervalCells } from "./figure.ts";
import { ends, percent, percentInterval } from "./numbers.ts";
import type { HeadMetrics } from "../../record/metrics-schema.ts";
import { normalizedAccuracy } from "../../record/normalized-accuracy.ts";
import type { Protocol } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import { mean, tInterval } from "../../record/statistics/t-interval.ts";

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
export function learningCurvesFigure(rows: readonly LearningCurvesRow[]): VNode {
  return figure(
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
        rows.map((row) => ({
          title: `${row.arch} ${row.regs}`,
          note: divergenceNote(row),
          picture: learningCurvesChart(row, canvasOf(PANEL)),
        })),
      ),
    ],
  );
}

/** The numbers behind the figure. */
export function learningCurvesData(rows: readonly LearningCurvesRow[]): ChartRows {
  return {
    columns: ["arch", "regs", "curve", "epoch", ...csvNames("share")],
    rows: rows.flatMap((row) =>
      linesOf(row).flatMap(({ label, epochs }) =>
        epochs.map((each, e) => [row.arch, row.regs, label, e + 1, ...intervalCells(each)]),
      ),
    ),
  };
}

const CAPTION =
  "Accuracy on training batches before each update, mean over seeds; bands are 95 % intervals of the solid lines. " +
  "The class task is in percent of images. Random labels are those of the last tap (the features that the class head reads), a mean over the draws of each " +
  "label space n, rescaled so that 0 % is chance. A head on a trunk that never trains learns random labels, too: see how " +
  "the line of the heads of the headline (the label space that boards show) runs beside the dashed one of the same heads on the frozen trunk. The diamond is test " +
  "accuracy at the end.";

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

const CLASS_COLOR = "var(--ink)";

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

/** The lines of a learning-curve chart: what is drawn, in which colour and dash. */
interface LabelCurve {
  /** Such as `n = 100`. */
  name: string;
  /**
   * `headline`: what the learned complexity is made of. `frozen`: the same heads on the frozen trunk. `suppressed`: the
   * draw that `rl=` acts on.
   */
  kind: "headline" | "frozen" | "suppressed" | "probe";
  /** Online RL-acc rescaled so that 0 is chance and 1 everything; one entry an epoch. */
  epochs: readonly Interval[];
}

export interface LearningCurvesRow extends RunCounts {
  arch: string;
  regs: string;
  /** Epochs that the protocol asks for. */
  length: number;
  /** Online class accuracy on training batches, one entry an epoch. */
  train: readonly Interval[];
  /** After the last epoch. */
  test: Interval | null;
  labels: readonly LabelCurve[];
}

interface Line extends LineEnd {
  epochs: readonly Interval[];
  dash: string | null;
  width: number;
  /** Is its interval shown? */
  banded: boolean;
}

const LABEL_COLOR = "var(--accent)";
export const FROZEN_COLOR = "var(--faint)";
export const SUPPRESSED_COLOR = "var(--family-random-label)";
export const DASHES = ["2 3", "7 3", "9 3 2 3", "4 2", "1 2"] as const;

/** The class task first, then the random labels as given. */
function linesOf({ train, labels }: LearningCurvesRow): Line[] {
  const dashes = DASHES.values();
  return [
    lineOf("train", train, { color: CLASS_COLOR, dash: null, width: 2 }),
    ...labels.map(({ name, kind, epochs }) => {
      if (kind === "headline")
        return lineOf(name, epochs, { color: LABEL_COLOR, dash: null, width: 2.5 });
      if (kind === "frozen")
        return lineOf(name, epochs, { color: FROZEN_COLOR, dash: "6 3", width: 2 });
      if (kind === "suppressed")
        return lineOf(name, epochs, { color: SUPPRESSED_COLOR, dash: null, width: 1.5 });
      const dash = dashes.next().value ?? null;
      return lineOf(name, epochs, { color: LABEL_COLOR, dash, width: 1.5 });
    }),
  ];
}

function lineOf(
  label: string,
  epochs: readonly Interval[],
  style: Pick<Line, "color" | "dash" | "width">,
): Line {
  const banded = style.dash === null && epochs.some(({ low }) => low !== null);
  return { label, epochs, y: epochs.at(-1)?.mean ?? 0, banded, ...style };
}

/** How many runs a line could be of. */
export interface RunCounts {
  completed: number;
  diverged: number;
}

interface EpochMeans {
  counts: RunCounts;
  /** The runs that the means are over. */
  shown: readonly Run[];
  /** @param share of one epoch of one run. @returns a mean an epoch; with an interval only when no run is left out. */
  over(share: (epoch: Run["epochs"][number]) => number): Interval[];
}

/** Null when no run finished an epoch. */
export function epochMeans(runs: readonly Run[]): EpochMeans | null {
  const shown = comparable(runs);
  const [first] = shown;
  if (first === undefined) return null;
  const completed = runs.filter(isCompleted).length;
  const counts = { completed, diverged: runs.length - completed };
  // An interval over the survivors would say how sure a mean is that they alone have.
  const interval = counts.diverged === 0 ? tInterval : meanAlone;
  return {
    ...{ counts, shown },
    over: (share) =>
      first.epochs.map((_, e) => interval(shown.map((run) => share(run.epochs[e]!)))),
  };
}

/** Null when none diverged: then there is nothing to be said. */
export function divergenceNote({ completed, diverged }: RunCounts): string | null {
  const all = completed + diverged;
  if (diverged === 0) return null;
  if (completed === 0) return `none of ${all} runs completed; shown is the one that came furthest`;
  return `${completed} of ${all} completed runs; ${diverged} diverged left out`;
}

const isCompleted = ({ status }: Run): boolean => status === "completed";

/** Completed runs; of a configuration where all diverged, the one that came furthest. */
function comparable(runs: readonly Run[]): Run[] {
  const completed = runs.filter(isCompleted);
  if (completed.length > 0) return completed;
  const furthest = runs.toSorted((a, b) => b.epochs.length - a.epochs.length).slice(0, 1);
  return furthest.filter(({ epochs }) => epochs.length > 0);
}

function meanAlone(values: readonly number[]): Interval {
  return { mean: mean(values), low: null, high: null, count: values.length };
}

/** Learning curves of one configuration from the counts of every epoch. */
interface CurveSource {
  arch: string;
  regs: string;
  runs: readonly Run[];
  /** Heads of any of the runs: only their places matter. */
  heads: readonly Pick<HeadMetrics, "tap" | "n" | "draw" | "regularized">[];
  testAccuracy: Interval | null;
}

/** Null when no run finished an epoch; the curves show the last tap. */
export function learningCurvesRow(
  { arch, regs, runs, heads, testAccuracy }: CurveSource,
  { epochs: length, headline }: Pick<Protocol, "epochs" | "headline">,
): LearningCurvesRow | null {
  const means = epochMeans(runs);
  if (means === null) return null;
  return {
    arch,
    regs,
    length,
    ...means.counts,
    train: means.over(({ correct, seen }) => correct / seen),
    test: testAccuracy,
    labels: [
      ...headGroups(heads, headline).map(({ name, kind, at, n }): LabelCurve => ({
        name,
        kind,
        epochs: means.over(({ online, seen }) =>
          mean(at.map((i) => normalizedAccuracy(online[i]! / seen, n))),
        ),
      })),
      ...frozenCurve(runs, heads, headline, means),
    ],
  };
}

/** Of the draws that the headline's curve is of; none where the protocol has no heads on the frozen trunk. */
function frozenCurve(
  runs: readonly Run[],
  heads: CurveSource["heads"],
  headline: number,
  means: EpochMeans,
): LabelCurve[] {
  const last = Math.max(...heads.map(({ tap }) => tap));
  const draws = heads.flatMap(({ tap, n, draw, regularized }) =>
    tap === last && n === headline && !regularized ? [draw] : [],
  );
  const isMeasured = runs.every(({ epochs }) =>
    epochs.every(({ frozenOnline }) => draws.every((draw) => draw in frozenOnline)),
  );
  if (draws.length === 0 || !isMeasured) return [];
  return [
    {
      name: "frozen trunk",
      kind: "frozen",
      epochs: means.over(({ frozenOnline, seen }) =>
        mean(draws.map((draw) => normalizedAccuracy(frozenOnline[draw]! / seen, headline))),
      ),
    },
  ];
}

interface HeadGroup {
  name: string;
  kind: LabelCurve["kind"];
  n: number;
  /** Places in the order of heads. */
  at: number[];
}

/** The last tap's heads by label space; a draw that `rl=` suppresses stands alone. */
function headGroups(heads: CurveSource["heads"], headline: number): HeadGroup[] {
  const last = Math.max(...heads.map(({ tap }) => tap));
  const groups = new Map<string, HeadGroup>();
  for (const [i, { tap, n, regularized }] of heads.entries()) {
    if (tap !== last) continue;
    const name = regularized ? "suppressed" : `n = ${n}`;
    const kind = regularized ? "suppressed" : n === headline ? "headline" : "probe";
    const group = groups.get(name) ?? { name, kind, n, at: [] };
    group.at.push(i);
    groups.set(name, group);
  }
  return [...groups.values()];
}
