/** @file Formats a probe's findings for a terminal. */

import { basename } from "node:path";
import { formatCount, formatPercent, formatPercentInterval } from "../format.ts";
import { type Column, formatTable } from "../terminal-table.ts";
import { printable } from "../printable.ts";
import { comparisonNotes, comparisonTable, fileNames, wrapped } from "./comparison-text.ts";
import {
  PENALTY,
  type ProbeDocument,
  type ProbeNotice,
  type TapDocument,
} from "./probe-document.ts";

const reading = ({
  draws,
}: ProbeDocument) => `How to read this. Every sample got a random label, and a ridge regression on the frozen features was
fitted to those labels. "Accuracy" is the share that it gets right among the very samples it was fitted
to${
  draws === 1
    ? ""
    : `, the mean over ${formatCount(draws)} labellings with half of its 95 % interval. That interval is about other
labellings of these very features, not about other samples or another training`
}. "Capacity" is the same
with chance at 0 % and everything at 100 %. Width and sample count alone raise it, so compare the
accuracy with the last three columns, the rungs of the null: what a shapeless cloud of points of the
same width would give, a cloud with these features' spectrum, and one with their leverages as well. The
"equivalent width" is that of the shapeless cloud which gives the same accuracy. Compare two
representations only on the same samples and with the same number of labels. docs/probe.md says more.`;

const TOLD = `"Told" is the accuracy on the labelling that heads learn, "selectivity" its capacity minus that of the
others, p the chance of so extreme a rank among them if the features hold nothing of what was told; each p
stands for itself, not corrected for how many are shown.`;

const CLASSES = `The class columns are the same ridge regression on your class labels.`;

/** @returns text that ends with a newline. */
export function formatProbe(document: ProbeDocument): string {
  const mark = marks(document.notices);
  const rows = rowsOf(document);
  return [
    heading(document, mark),
    formatTable(randomLabelColumns(document), randomLabelRows(document, rows, mark)),
    ...comparisonParts(document, mark),
    formatTable(
      representationColumns(document),
      rows.map((row) => representationRow(row, mark)),
    ),
    ...document.notices.map(({ message }, i) => wrapped(`[${i + 1}] ${printable(message)}`)),
    ...(document.notices.length > 0 ? [""] : []),
    reading(document),
    ...(isTold(document) ? [TOLD] : []),
    ...(document.classCount === null ? [] : [CLASSES]),
    "",
  ].join("\n");
}

/** A tap in the order of the tables: files side by side at each depth. */
interface Row {
  tap: TapDocument;
  /** Its pointer. */
  at: string;
  /** Its file's name; nothing where there is one file. */
  file: string[];
}

function rowsOf({ files, taps }: ProbeDocument): Row[] {
  const names = fileNames(files.map(({ features }) => features));
  return taps
    .map((tap, i) => ({
      tap,
      at: `/taps/${i}`,
      file: files.length === 1 ? [] : [names[tap.file]!],
    }))
    .sort((a, b) => a.tap.tap - b.tap.tap || a.tap.file - b.tap.file);
}

const isTold = ({ taps }: ProbeDocument) => taps[0]!.refit[0]!.told !== null;

function comparisonParts(document: ProbeDocument, mark: Mark): string[] {
  const { files, taps, comparisons } = document;
  if (comparisons.length === 0) return [];
  const names = fileNames(files.map(({ features }) => features));
  const sides = { taps, names: taps.map(({ file }) => names[file]!) };
  return [
    comparisonTable(comparisons, sides, (i) => mark(`/comparisons/${i}`)),
    ...comparisonNotes(comparisons, sides),
    "",
  ];
}

/** The mark of a number: ` [1,3]` if the first and the third notice are about it, or about what it is part of. */
type Mark = (pointer: string) => string;

function marks(notices: readonly ProbeNotice[]): Mark {
  return (pointer) => {
    const about = notices.flatMap(({ numbers }, i) =>
      numbers.some((place) => pointer === place || pointer.startsWith(`${place}/`)) ? [i + 1] : [],
    );
    return about.length === 0 ? "" : ` [${about.join(",")}]`;
  };
}

function heading(document: ProbeDocument, mark: Mark): string {
  const { files, samples, taps, seed, draws, classCount, index } = document;
  const classes =
    classCount === null ? [] : [`${formatCount(classCount)} classes${mark("/classCount")}`];
  return [
    files.length === 1 ? files[0]!.features : `${files.length} files`,
    `${formatCount(samples)} samples${index.file === null ? "" : ` numbered by ${basename(index.file)}`}`,
    `${taps.length} ${taps.length === 1 ? "tap" : "taps"}${mark("/taps")}`,
    ...classes,
    `random labels of seed ${seed}`,
    `${formatCount(draws)} ${draws === 1 ? "labelling" : "labellings"}\n`,
  ].join(", ");
}

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

const fileColumn = ({ files }: ProbeDocument) => (files.length === 1 ? [] : [left("file")]);

function randomLabelColumns(document: ProbeDocument): Column[] {
  return [
    ...fileColumn(document),
    right("tap"),
    right("labels"),
    right("chance"),
    right("accuracy"),
    right("capacity"),
    right("equivalent width"),
    ...(isTold(document) ? [right("told"), right("selectivity"), right("p")] : []),
    right("cloud of same width"),
    right("of same spectrum"),
    right("of same leverages"),
  ];
}

/** Label spaces in their order; in each the files side by side, tap by tap. */
function randomLabelRows(document: ProbeDocument, rows: readonly Row[], mark: Mark): string[][] {
  return [...Map.groupBy(rows, ({ tap }) => tap.tap).values()].flatMap((beside) =>
    beside[0]!.tap.refit.flatMap((_, i) =>
      beside.map((row) => randomLabelCells(document, row, i, mark)),
    ),
  );
}

/** @param i place of the label space. */
function randomLabelCells(
  { draws, samples }: ProbeDocument,
  { tap, at, file }: Row,
  i: number,
  mark: Mark,
): string[] {
  const refit = tap.refit[i]!;
  const { n, interval, accuracy, capacity } = refit;
  const place = `${at}/refit/${i}`;
  const share = (mean: number, ends: { low: number; high: number } | undefined) =>
    formatPercentInterval({ mean, low: ends?.low ?? null, high: ends?.high ?? null, count: draws });
  return [
    ...file,
    String(tap.tap),
    formatCount(n),
    formatPercent(1 / n),
    share(accuracy, interval?.accuracy) + mark(`${place}/accuracy`),
    share(capacity, interval?.capacity) + mark(`${place}/capacity`),
    widthText(refit) + mark(`${place}/equivalentWidth`),
    ...toldCells(refit, samples, mark(`${place}/selectivityP`)),
    ...(["counts", "spectrum", "leverages"] as const).map(
      (rung) => formatPercent(tap.null[i]![rung]) + mark(`${at}/null/${i}/${rung}`),
    ),
  ];
}

type Refit = TapDocument["refit"][number];

/** With its interval, whose halves differ; a bound stands alone. */
function widthText({ equivalentWidth, interval }: Refit): string {
  const text = ({ width, bound }: Refit["equivalentWidth"]) =>
    `${bound === null ? "" : `${bound} `}${width.toFixed(1)}`;
  if (equivalentWidth.bound !== null || interval === null) return text(equivalentWidth);
  const { low, high } = interval.equivalentWidth;
  return `${text(equivalentWidth)} (${text(low)} to ${text(high)})`;
}

function toldCells(refit: Refit, samples: number, mark: string): string[] {
  const { told, selectivity, selectivityP } = refit;
  if (told === null || selectivity === null || selectivityP === null) return [];
  return [
    formatPercent(told / samples),
    formatPercent(selectivity),
    selectivityP.toPrecision(2) + mark,
  ];
}

function representationColumns(document: ProbeDocument): Column[] {
  const { classCount, testSamples } = document;
  return [
    ...fileColumn(document),
    right("tap"),
    left("name"),
    right("width"),
    right("effective rank"),
    right("participation ratio"),
    right(`ridge dimension at ${PENALTY}`),
    ...(classCount === null ? [] : [right("class, train")]),
    ...(testSamples === null ? [] : [right("class, test")]),
  ];
}

function representationRow({ tap, at, file }: Row, mark: Mark): string[] {
  const dimension = tap.ridge.findIndex(({ l }) => l === PENALTY);
  const { train, test } = tap.classes ?? { train: null, test: null };
  return [
    ...file,
    String(tap.tap),
    tap.name ?? "-",
    formatCount(tap.width),
    tap.effectiveRank.toFixed(1) + mark(`${at}/effectiveRank`),
    tap.participationRatio.toFixed(1) + mark(`${at}/participationRatio`),
    tap.ridge[dimension]!.dimension.toFixed(1) + mark(`${at}/ridge/${dimension}/dimension`),
    ...(train ? [formatPercent(train.accuracy) + mark(`${at}/classes/train/accuracy`)] : []),
    ...(test ? [formatPercent(test.accuracy) + mark(`${at}/classes/test/accuracy`)] : []),
  ];
}
