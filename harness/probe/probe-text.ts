/** @file Formats a probe's findings for a terminal. */

import { formatCount, formatPercent } from "../format.ts";
import { type Column, formatTable } from "../terminal-table.ts";
import { printable } from "../printable.ts";
import {
  PENALTY,
  type ProbeDocument,
  type ProbeNotice,
  REDRAWS,
  type TapDocument,
} from "./probe-document.ts";

const READING = `How to read this. Every sample got a random label, and a ridge regression on the frozen features was
fitted to those labels. "Accuracy" is the share that it gets right among the very samples it was fitted
to, the mean over ${REDRAWS} labellings; "capacity" is the same with chance at 0 % and everything at 100 %. Width and
sample count alone raise it, so compare the accuracy with the last three columns, the rungs of the null:
what a shapeless cloud of points of the same width would give, a cloud with these features' spectrum,
and one with their leverages as well. The "equivalent width" is that of the shapeless cloud which gives
the same accuracy. Compare two representations only on the same samples and with the same number of
labels. docs/probe.md says more.`;

const CLASSES = `The class columns are the same ridge regression on your class labels.`;

/** @returns text that ends with a newline. */
export function formatProbe(document: ProbeDocument): string {
  const mark = marks(document.notices);
  return [
    heading(document, mark),
    formatTable(
      RANDOM_LABELS,
      document.taps.flatMap((tap, i) =>
        randomLabelRows(tap, (place) => mark(`/taps/${i}${place}`)),
      ),
    ),
    formatTable(
      representationColumns(document),
      document.taps.map((tap, i) => representationRow(tap, (place) => mark(`/taps/${i}${place}`))),
    ),
    ...document.notices.map(({ message }, i) => wrapped(`[${i + 1}] ${printable(message)}`)),
    ...(document.notices.length > 0 ? [""] : []),
    document.classCount === null ? READING : `${READING}\n${CLASSES}`,
    "",
  ].join("\n");
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

const WIDTH = 100;

/** Wrapped at WIDTH, with all lines but the first indented. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = "   ";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}

function heading(document: ProbeDocument, mark: Mark): string {
  const { features, samples, taps, seed, classCount } = document;
  const classes =
    classCount === null ? [] : [`${formatCount(classCount)} classes${mark("/classCount")}`];
  return [
    features,
    `${formatCount(samples)} samples`,
    `${taps.length} ${taps.length === 1 ? "tap" : "taps"}${mark("/taps")}`,
    ...classes,
    `random labels of seed ${seed}\n`,
  ].join(", ");
}

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

const RANDOM_LABELS = [
  right("tap"),
  right("labels"),
  right("chance"),
  right("accuracy"),
  right("capacity"),
  right("equivalent width"),
  right("cloud of same width"),
  right("of same spectrum"),
  right("of same leverages"),
];

function randomLabelRows({ tap, refit, null: cloud }: TapDocument, mark: Mark): string[][] {
  return refit.map(({ n, accuracy, capacity, equivalentWidth: { width, bound } }, i) => [
    String(tap),
    formatCount(n),
    formatPercent(1 / n),
    formatPercent(accuracy) + mark(`/refit/${i}/accuracy`),
    formatPercent(capacity) + mark(`/refit/${i}/capacity`),
    `${bound ? `${bound} ` : ""}${width.toFixed(1)}` + mark(`/refit/${i}/equivalentWidth`),
    formatPercent(cloud[i]!.counts) + mark(`/null/${i}/counts`),
    formatPercent(cloud[i]!.spectrum) + mark(`/null/${i}/spectrum`),
    formatPercent(cloud[i]!.leverages) + mark(`/null/${i}/leverages`),
  ]);
}

function representationColumns({ classCount, testSamples }: ProbeDocument): Column[] {
  return [
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

function representationRow(tap: TapDocument, mark: Mark): string[] {
  const dimension = tap.ridge.findIndex(({ l }) => l === PENALTY);
  const { train, test } = tap.classes ?? { train: null, test: null };
  return [
    String(tap.tap),
    tap.name ?? "-",
    formatCount(tap.width),
    tap.effectiveRank.toFixed(1) + mark("/effectiveRank"),
    tap.participationRatio.toFixed(1) + mark("/participationRatio"),
    tap.ridge[dimension]!.dimension.toFixed(1) + mark(`/ridge/${dimension}/dimension`),
    ...(train ? [formatPercent(train.accuracy) + mark("/classes/train/accuracy")] : []),
    ...(test ? [formatPercent(test.accuracy) + mark("/classes/test/accuracy")] : []),
  ];
}
