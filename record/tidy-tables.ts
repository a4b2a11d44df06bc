/**
 * @file Runs as tidy tables (docs/export.md): the one definition of columns for `rademark export DIR`, the report and the
 * site. Without a validator, for pages. Names are those of every `--json` document and of a board's CSV; shares and A are never in percent.
 */

import { csvNames, type Value } from "./csv.ts";
import type {
  FrozenHeadMetrics,
  HeadMetrics,
  RefitMetrics,
  RunMetrics,
  RunNumbers,
} from "./metrics-schema.ts";
import { MEASURE_NUMBERS, MEASURE_NUMBER_NAMES } from "./measure-numbers.ts";
import { normalizedAccuracy } from "./normalized-accuracy.ts";
import type { EpochCounts, NullRungs, Run } from "./run.ts";
import type { Estimate, Outcome, Summary } from "./summary.ts";

/** What a run, or all runs of one configuration, were made on; null: not known, or not the same for all. */
export interface Making {
  device: string;
  /** Such as `tensorflow 2.18.0`. */
  library: string | null;
  precision: string | null;
  cpu: string | null;
  /** Names, separated by semicolons. */
  gpus: string | null;
  threads: number | null;
  /** Version of the harness. */
  harness: string | null;
}

/** One configuration: its runs as counts, and what is computed from them in the same order. */
export interface TidySource extends Making {
  outcome: Pick<
    Outcome,
    "protocol" | "protocolId" | "arch" | "regs" | "params" | "runs" | "summary"
  >;
  runs: readonly Run[];
  /** What each run was made on, in their order, where that is known. */
  runsMade?: readonly Making[];
  /** Label space of the learned complexity. */
  headline: number;
}

/** `integer` also holds counts beyond 2^31; `number` is a double. */
export type ColumnType = "text" | "integer" | "number" | "boolean";

export interface TidyTable {
  name: TableName;
  columns: readonly { name: string; type: ColumnType }[];
  rows: Value[][];
}

/** In the order of docs/export.md; each has its columns even where it has no row. @param names of those that are asked for. */
export function tidyTables(
  sources: readonly TidySource[],
  names: readonly TableName[] = TABLES,
): TidyTable[] {
  return TABLES.filter((name) => names.includes(name)).map((name) => MADE[name](sources));
}

/**
 * A table's rows as objects, by the names of its columns.
 *
 * @example tidyRecords(table)[0] // { protocol: "micro-1", arch: "mlp-256", ..., capacity: 0.4613 }
 */
export function tidyRecords({ columns, rows }: TidyTable): Record<string, Value>[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])),
  );
}

const TABLES = [
  ...(["configurations", "runs", "heads", "epochs", "head_epochs"] as const),
  ...(["controls", "redraws"] as const),
];

export type TableName = (typeof TABLES)[number];

/** A column, and what it holds of a row's source. */
interface Column<T> {
  name: string;
  type: ColumnType;
  of: (source: T) => Value;
}

function table<T>(name: TableName, columns: readonly Column<T>[], sources: readonly T[]) {
  return {
    name,
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: sources.map((source) => columns.map(({ of }) => of(source))),
  };
}

const text = <T>(name: string, of: Column<T>["of"]): Column<T> => ({ name, type: "text", of });
const whole = <T>(name: string, of: Column<T>["of"]): Column<T> => ({ name, type: "integer", of });
const number = <T>(name: string, of: Column<T>["of"]): Column<T> => ({ name, type: "number", of });

/** Those of `RunNumbers`, in its order; without its validator, which a page should not load. */
const NUMBERS = [
  ...(["trainAccuracy", "cleanTrainAccuracy", "testAccuracy", "gap"] as const),
  ...(["trainLoss", "testLoss", "lossGap"] as const),
  ...(["learnedComplexity", "regularizedComplexity"] as const),
  ...(["frozenComplexity", "learnedMinusFrozen"] as const),
  ...(["capacity", "frozenCapacity", "capacityMinusFrozen", "equivalentWidth"] as const),
  ...(["selectivity", "countsNull", "spectrumNull", "leveragesNull"] as const),
  ...(["capacityMinusLeverages", "bits", "clippedShare", "seconds", "imagesPerSecond"] as const),
] satisfies (keyof RunNumbers)[];

interface Configured {
  source: Pick<TidySource, "outcome">;
}

const PROTOCOL = text<Configured>("protocol", ({ source }) => source.outcome.protocol);
const PROTOCOL_ID = text<Configured>("protocolId", ({ source }) => source.outcome.protocolId);
const NAMES: readonly Column<Configured>[] = [
  text("arch", ({ source }) => source.outcome.arch),
  text("regs", ({ source }) => source.outcome.regs),
];

const madeOn: readonly Column<Making>[] = [
  text("device", ({ device }) => device),
  text("library", ({ library }) => library),
  text("precision", ({ precision }) => precision),
  text("cpu", ({ cpu }) => cpu),
  text("gpus", ({ gpus }) => gpus),
  whole("threads", ({ threads }) => threads),
  text("harness", ({ harness }) => harness),
];

/** Columns of a part of a row's source. */
function within<T, U>(columns: readonly Column<U>[], part: (source: T) => U): Column<T>[] {
  return columns.map(({ name, type, of }) => ({ name, type, of: (source) => of(part(source)) }));
}

function interval(name: string, of: (summary: Summary) => Estimate): Column<TidySource>[] {
  const [mean, low, high] = csvNames(name);
  const estimate = ({ outcome }: TidySource) => of(outcome.summary);
  return [
    number(mean, (source) => estimate(source)?.mean ?? null),
    number(low, (source) => estimate(source)?.low ?? null),
    number(high, (source) => estimate(source)?.high ?? null),
  ];
}

const CONFIGURATIONS: readonly Column<TidySource>[] = [
  ...within([PROTOCOL, PROTOCOL_ID, ...NAMES], (source: TidySource) => ({ source })),
  whole("params", ({ outcome }) => outcome.params),
  whole("runs", ({ outcome }) => outcome.summary.runs),
  whole("diverged", ({ outcome }) => outcome.summary.diverged),
  ...NUMBERS.flatMap((name) => interval(name, (summary) => summary[name])),
  text("equivalentWidthBound", ({ outcome }) => outcome.summary.equivalentWidthBound),
  number("selectivityP", ({ outcome }) => outcome.summary.selectivityP),
  ...interval("effectiveRank", ({ controls }) => controls?.effectiveRank ?? null),
  ...interval("participationRatio", ({ controls }) => controls?.participationRatio ?? null),
  ...within(madeOn, (source: TidySource) => source),
];

interface RunRow {
  source: TidySource;
  run: Run;
  making: Making;
  metrics: RunMetrics;
}

function runRows(source: TidySource): RunRow[] {
  return source.runs.map((run, i) => ({
    ...{ source, run },
    making: source.runsMade?.[i] ?? source,
    metrics: source.outcome.runs[i]!,
  }));
}

/** What the rows of a run's tables are joined by. */
const KEYS: readonly Column<RunRow>[] = [
  ...[PROTOCOL, ...NAMES],
  whole("seed", ({ run }) => run.seed),
];

const RUNS: readonly Column<RunRow>[] = [
  ...[PROTOCOL, PROTOCOL_ID, ...NAMES, KEYS.at(-1)!],
  text("status", ({ run }) => run.status),
  whole("epochs", ({ run }) => run.epochs.length),
  whole("params", ({ run }) => run.params),
  ...(
    ["trainSamples", "testSamples", "trainCorrect", "trainCleanCorrect", "testCorrect"] as const
  ).map((name) => whole<RunRow>(name, ({ metrics }) => metrics.counts[name])),
  ...NUMBERS.map((name) => number<RunRow>(name, ({ metrics }) => metrics[name])),
  text("equivalentWidthBound", ({ metrics }) => metrics.equivalentWidthBound),
  number("effectiveRank", ({ metrics }) => metrics.controls?.effectiveRank ?? null),
  number("participationRatio", ({ metrics }) => metrics.controls?.participationRatio ?? null),
  ...MEASURE_NUMBER_NAMES.map((name) =>
    number<RunRow>(name, ({ run }) => MEASURE_NUMBERS[name].of(run)),
  ),
  ...(["trainSeconds", "evaluateSeconds", "controlSeconds"] as const).map((name) =>
    number<RunRow>(name, ({ run }) => run.timing[name]),
  ),
  ...within(madeOn, ({ making }: RunRow) => making),
];

type Trunk = "network" | "frozen";

interface HeadRow extends RunRow {
  trunk: Trunk;
  head: HeadMetrics | (FrozenHeadMetrics & { tap: number; n: number; regularized: false });
}

function headRows(row: RunRow): HeadRow[] {
  const { heads, frozenHeads } = row.metrics;
  const tap = Math.max(...heads.map((head) => head.tap));
  const place = { tap, n: row.source.headline, regularized: false } as const;
  return [
    ...heads.map((head) => ({ ...row, trunk: "network" as const, head })),
    ...frozenHeads.map((head) => ({
      ...row,
      trunk: "frozen" as const,
      head: { ...head, ...place },
    })),
  ];
}

const PLACE: readonly Column<{ trunk: Trunk; head: { tap: number; n: number } }>[] = [
  text("trunk", ({ trunk }) => trunk),
  whole("tap", ({ head }) => head.tap),
  whole("n", ({ head }) => head.n),
];

const HEAD: readonly Column<HeadRow>[] = [
  ...[...KEYS, ...PLACE],
  whole("draw", ({ head }) => head.draw),
  { name: "regularized", type: "boolean", of: ({ head }) => head.regularized },
];

const HEADS: readonly Column<HeadRow>[] = [
  ...HEAD,
  ...(["online", "final", "normalized", "bits", "unseen"] as const).map((name) =>
    number<HeadRow>(name, ({ head }) => head[name]),
  ),
  whole("onlineCorrect", ({ head }) => head.counts.online),
  whole("finalCorrect", ({ head }) => head.counts.final),
  whole("unseenCorrect", ({ head }) => head.counts.unseen),
];

interface EpochRow extends RunRow {
  epoch: EpochCounts;
  /** From 0. */
  index: number;
}

function epochRows(row: RunRow): EpochRow[] {
  return row.run.epochs.map((epoch, index) => ({ ...row, epoch, index }));
}

const EPOCH: readonly Column<Pick<EpochRow, "index" | "epoch">>[] = [
  whole("epoch", ({ index }) => index + 1),
  whole("seen", ({ epoch }) => epoch.seen),
];

const EPOCHS: readonly Column<EpochRow>[] = [
  ...[...KEYS, ...EPOCH],
  whole("onlineCorrect", ({ epoch }) => epoch.correct),
  number("onlineAccuracy", ({ epoch }) => epoch.correct / epoch.seen),
  number("onlineLoss", ({ epoch }) => epoch.lossSum / epoch.seen),
  whole("clipped", ({ epoch }) => epoch.clipped),
  whole("trainCorrect", ({ epoch }) => epoch.evaluated?.trainCorrect ?? null),
  whole("testCorrect", ({ epoch }) => epoch.evaluated?.testCorrect ?? null),
  number("trainAccuracy", (row) => evaluated(row)?.train ?? null),
  number("testAccuracy", (row) => evaluated(row)?.test ?? null),
  number("gap", (row) => evaluated(row)?.gap ?? null),
];

function evaluated({ epoch, run }: EpochRow) {
  if (epoch.evaluated === null) return null;
  const train = epoch.evaluated.trainCorrect / run.trainSamples;
  const test = epoch.evaluated.testCorrect / run.testSamples;
  return { train, test, gap: train - test };
}

interface HeadEpochRow extends HeadRow, EpochRow {
  /** Correct before each update. */
  correct: number;
}

function headEpochRows(row: EpochRow): HeadEpochRow[] {
  const { online, frozenOnline } = row.epoch;
  const counts = [...online, ...frozenOnline];
  return headRows(row).flatMap((head, i) => {
    const correct = counts[i];
    return correct === undefined ? [] : [{ ...row, ...head, correct }];
  });
}

const HEAD_EPOCHS: readonly Column<HeadEpochRow>[] = [
  ...[...HEAD, ...EPOCH],
  whole("onlineCorrect", ({ correct }) => correct),
  number("online", ({ correct, epoch }) => correct / epoch.seen),
  number("normalized", ({ correct, epoch, head }) =>
    normalizedAccuracy(correct / epoch.seen, head.n),
  ),
];

interface ControlRow extends RunRow {
  trunk: Trunk;
  head: RefitMetrics;
  rungs: NullRungs | undefined;
}

function controlRows(row: RunRow): ControlRow[] {
  const { controls } = row.metrics;
  if (controls === null) return [];
  const of = (trunk: Trunk, refits: readonly RefitMetrics[]) =>
    refits.map((head) => ({
      ...row,
      ...{ trunk, head },
      rungs: controls.null.find(
        ({ tap, n }) => trunk === "network" && tap === head.tap && n === head.n,
      ),
    }));
  return [...of("network", controls.refit), ...of("frozen", controls.frozen)];
}

const CONTROL: readonly Column<ControlRow>[] = [...KEYS, ...PLACE];

const CONTROLS: readonly Column<ControlRow>[] = [
  ...CONTROL,
  number("accuracy", ({ head }) => head.accuracy),
  number("capacity", ({ head }) => head.capacity),
  number("told", ({ head }) => head.told),
  whole("toldCorrect", ({ head }) => head.counts.told),
  whole("redraws", ({ head }) => head.counts.redraws.length),
  whole("width", ({ rungs }) => rungs?.width ?? null),
  ...(["counts", "spectrum", "leverages"] as const).map((rung) =>
    number<ControlRow>(`${rung}Null`, ({ head, rungs }) =>
      rungs ? normalizedAccuracy(rungs[rung], head.n) : null,
    ),
  ),
];

interface RedrawRow extends ControlRow {
  redraw: number;
  correct: number;
}

function redrawRows(row: ControlRow): RedrawRow[] {
  return row.head.counts.redraws.map((correct, redraw) => ({ ...row, redraw, correct }));
}

const REDRAWS: readonly Column<RedrawRow>[] = [
  ...CONTROL,
  whole("redraw", ({ redraw }) => redraw),
  whole("correct", ({ correct }) => correct),
];

const MADE: Readonly<Record<TableName, (sources: readonly TidySource[]) => TidyTable>> = {
  configurations: (sources) => table("configurations", CONFIGURATIONS, sources),
  runs: (sources) => table("runs", RUNS, sources.flatMap(runRows)),
  heads: (sources) => table("heads", HEADS, sources.flatMap(runRows).flatMap(headRows)),
  epochs: (sources) => table("epochs", EPOCHS, sources.flatMap(runRows).flatMap(epochRows)),
  head_epochs: (sources) =>
    table(
      "head_epochs",
      HEAD_EPOCHS,
      sources.flatMap(runRows).flatMap(epochRows).flatMap(headEpochRows),
    ),
  controls: (sources) => table("controls", CONTROLS, sources.flatMap(runRows).flatMap(controlRows)),
  redraws: (sources) =>
    table("redraws", REDRAWS, sources.flatMap(runRows).flatMap(controlRows).flatMap(redrawRows)),
};
