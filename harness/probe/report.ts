/** @file A probe's findings as text for a terminal. */

import { formatCount, formatPercent } from "../cli/format.ts";
import { formatTable, type Column } from "../cli/table.ts";
import type { ProbeDocument, TapDocument } from "./document.ts";
import { PENALTY } from "./tap-document.ts";

const READING = `How to read this. Every sample got a random label, and a ridge regression on the frozen features was
fitted to those labels. "Refit" is the share it gets right among the very samples it was fitted to;
"normalised" is the same with chance at 0 % and everything at 100 %. Width and sample count alone
raise it, so compare it with the last two columns: what a shapeless cloud of points of the same
width would give, and one with as many directions as the regression really uses here (the ridge
dimension). Those two are a formula, good to a few points for up to 10 labels; with so many labels
that each has only a few samples it says too much. Compare two representations only on the same
samples and with the same number of labels. docs/probe.md says more.`;

const CLASSES = `The class columns are the same ridge regression on your class labels.`;

/** @returns text that ends with a newline. */
export function formatProbe(document: ProbeDocument): string {
  return [
    heading(document),
    formatTable(RANDOM_LABELS, document.taps.flatMap(randomLabelRows)),
    formatTable(representationColumns(document), document.taps.map(representationRow)),
    document.classCount === null ? READING : `${READING}\n${CLASSES}`,
    "",
  ].join("\n");
}

function heading({ features, samples, taps, seed, classCount }: ProbeDocument): string {
  const classes = classCount === null ? [] : [`${formatCount(classCount)} classes`];
  return [
    features,
    `${formatCount(samples)} samples`,
    `${taps.length} ${taps.length === 1 ? "tap" : "taps"}`,
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
  right("refit"),
  right("normalised"),
  right("cloud of same width"),
  right("of same ridge dimension"),
];

function randomLabelRows({ tap, refit, null: cloud }: TapDocument): string[][] {
  return refit.map(({ n, accuracy, normalized }, i) => [
    String(tap),
    formatCount(n),
    ...[1 / n, accuracy, normalized, cloud[i]!.accuracy, cloud[i]!.ridgeAccuracy].map(
      formatPercent,
    ),
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

function representationRow(tap: TapDocument): string[] {
  const { dimension } = tap.ridge.find(({ l }) => l === PENALTY)!;
  const { train, test } = tap.classes ?? { train: null, test: null };
  return [
    String(tap.tap),
    tap.name ?? "-",
    formatCount(tap.width),
    ...[tap.effectiveRank, tap.participationRatio, dimension].map((x) => x.toFixed(1)),
    ...[train, test].flatMap((score) => (score ? [formatPercent(score.accuracy)] : [])),
  ];
}
