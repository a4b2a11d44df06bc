/** @file Says which of a probe's numbers mean nothing, and why (docs/probe.md, "When a number means nothing"). */

import type { LabelSet } from "../measure/ridge.ts";
import { type ClassTask, type Label, type TestLabels, distinct } from "./class-labels.ts";
import type { ProbeComparison, ProbeNotice, TapDocument } from "./probe-document.ts";
import type { TapFiles } from "./open-arrays.ts";
import type { Variation } from "./variation.ts";

export interface Probed {
  /** Of each label space: in how many redraws all samples drew the same label. */
  random: readonly { n: number; uniform: number }[];
  /** Redraws of each. */
  draws: number;
  task: ClassTask | null;
  /** Read completely, in the order of the documents. */
  taps: readonly TapFiles[];
  documents: readonly TapDocument[];
  comparisons: readonly ProbeComparison[];
  /** Names of tensors that are not taps. */
  empty: readonly string[];
}

/** One notice for each reason, with all the numbers it is about. */
export function probeNotices(probed: Probed): ProbeNotice[] {
  const all = [
    ...tapNotices(probed),
    ...randomLabelNotices(probed),
    ...toldNotices(probed),
    ...sameFeatures(probed),
    ...widthsDiffer(probed.documents, probed.comparisons),
    ...classNotices(probed),
  ];
  if (probed.empty.length > 0)
    all.push({
      code: "tensors-without-elements",
      numbers: ["/taps"],
      message: `Tensors without elements are not taps and were left out: ${listed(probed.empty)}.`,
    });
  const reasons = Map.groupBy(all, ({ code, message }) => `${code} ${message}`);
  return Array.from(reasons.values(), (same) => ({
    ...same[0]!,
    numbers: same.flatMap(({ numbers }) => numbers),
  }));
}

/** Rounding may make up this share of the variance without a notice. */
const MOST_ROUNDED = 0.01;

function tapNotices({ taps, documents }: Probed): ProbeNotice[] {
  return taps.flatMap(({ train, test }, i) => {
    const at = `/taps/${i}`;
    const document = documents[i]!;
    // Values that TensorFlow flushes to zero have no spectrum, whatever they were in the file.
    const flat = !train.variation.varies || document.effectiveRank === 0;
    const own = variationNotice(train.variation, flat, "features", [at]);
    if (flat) return own;
    const tested = test && document.classes?.test ? [`${at}/classes/test`] : [];
    const other =
      test && tested.length > 0
        ? variationNotice(test.variation, !test.variation.varies, "test-features", tested)
        : [];
    return [...own, ...other, ...widthNotices(document, train.samples, at)];
  });
}

function variationNotice(
  variation: Variation,
  flat: boolean,
  whose: "features" | "test-features",
  numbers: string[],
): ProbeNotice[] {
  const name = whose === "features" ? "features" : "test features";
  const remedy =
    "Subtract the mean of the training samples and divide by their spread in float64 before saving.";
  if (flat) {
    const hidden = variation.variesInFile
      ? ` They do differ in the file, but by too little for float32. ${remedy}`
      : "";
    return [
      {
        code: `${whose}-do-not-vary`,
        numbers,
        message: `As float32 the ${name} of all samples are the same, so this says nothing about them.${hidden}`,
      },
    ];
  }
  const share = variation.roundedShare;
  if (share <= MOST_ROUNDED) return [];
  return [
    {
      code: `${whose}-are-rounded`,
      numbers,
      message:
        `Rounding makes up about ${Math.round(share * 100)} % of the variance of the ${name}, so this number partly ` +
        `measures the rounding. ${remedy}`,
    },
  ];
}

function widthNotices({ width, null: cloud, classes }: TapDocument, samples: number, at: string) {
  const notices: ProbeNotice[] = [];
  if (width + 1 >= samples)
    notices.push({
      code: "width-fits-any-labels",
      numbers: [
        `${at}/refit`,
        ...cloud.map((_, i) => `${at}/null/${i}/counts`),
        ...(width >= samples ? [`${at}/effectiveRank`, `${at}/participationRatio`] : []),
        ...(classes ? [`${at}/classes/train`] : []),
      ],
      message:
        `There are no more samples (${samples}) than features plus a mean (${width + 1}). Almost any points so few can be ` +
        "given any labels, so this depends largely on the numbers of samples and features alone.",
    });
  if (width === 1)
    notices.push({
      code: "one-feature",
      numbers: [`${at}/effectiveRank`, `${at}/participationRatio`],
      message: "With one feature every rank is 1, whatever the feature is.",
    });
  return notices;
}

/** With fewer samples for each label the null's formula is off by two points and more, one way or the other. */
const ENOUGH_A_LABEL = 5;

function randomLabelNotices({ random, draws, documents, taps }: Probed): ProbeNotice[] {
  const { samples } = taps[0]!.train;
  return random.flatMap(({ n, uniform }, k) => {
    const notices: ProbeNotice[] = [];
    const each = (...below: string[]) =>
      documents.flatMap((_, i) => below.map((place) => `/taps/${i}/${place}`));
    if (samples < ENOUGH_A_LABEL * n)
      notices.push({
        code: "few-samples-a-label",
        numbers: each(
          `refit/${k}/equivalentWidth`,
          ...["counts", "spectrum", "leverages"].map((rung) => `null/${k}/${rung}`),
        ),
        message:
          `There are fewer than ${ENOUGH_A_LABEL} samples for each random label; then the formula of the clouds can be ` +
          "off by two points or more. Compare with another representation of the same samples instead.",
      });
    if (uniform > 0)
      notices.push({
        code: "one-random-label",
        numbers: each(`refit/${k}`),
        message:
          `In ${uniform} of ${draws} ${draws === 1 ? "labelling" : "labellings"} all samples drew the same random label, so there was ` +
          "nothing to learn.",
      });
    return notices;
  });
}

/** With fewer redraws the least p without ties, 2/(K + 1), is above .05. */
const ENOUGH_FOR_A_RANK = 39;

function toldNotices({ draws, documents }: Probed): ProbeNotice[] {
  if (draws >= ENOUGH_FOR_A_RANK) return [];
  const numbers = documents.flatMap(({ refit }, i) =>
    refit.flatMap(({ told }, k) => (told === null ? [] : [`/taps/${i}/refit/${k}/selectivityP`])),
  );
  if (numbers.length === 0) return [];
  return [
    {
      code: "few-draws",
      numbers,
      message:
        `Among ${draws} ${draws === 1 ? "redraw" : "redraws"} this p is ${(2 / (draws + 1)).toFixed(2)} at least ` +
        `(${(1 / (draws + 1)).toFixed(2)} where counts tie), whatever the ` +
        "features hold. A run ranks the told labelling among 99: --draws 99.",
    },
  ];
}

function sameFeatures({ comparisons, taps, documents }: Probed): ProbeNotice[] {
  return comparisons.flatMap(({ a, b }, i): ProbeNotice[] => {
    if (!taps[a]!.train.variation.equals(taps[b]!.train.variation)) return [];
    const [first, second] = [a, b].map((place) => `${documents[place]!.file + 1}`);
    return [
      {
        code: "same-features",
        numbers: [`/comparisons/${i}`],
        message: `Files ${first} and ${second} hold the same features, so there is nothing to compare.`,
      },
    ];
  });
}

/** Of comparisons between taps of different widths. */
export function widthsDiffer(
  taps: readonly Pick<TapDocument, "width">[],
  comparisons: readonly ProbeComparison[],
): ProbeNotice[] {
  return comparisons.flatMap(({ a, b }, i): ProbeNotice[] => {
    const [first, second] = [taps[a]!.width, taps[b]!.width];
    if (first === second) return [];
    return [
      {
        code: "widths-differ",
        numbers: [`/comparisons/${i}`],
        message:
          "Width alone moves capacity, and these widths differ. By how much it moves that of shapeless clouds is beside " +
          "(clouds' A - B); compare each with its own clouds before reading anything into the difference.",
      },
    ];
  });
}

type ClassColumn = "train" | "test";

function classNotices({ task, documents, taps }: Probed): ProbeNotice[] {
  if (!task) return [];
  const { train, test } = task;
  const columns: ClassColumn[] = test ? ["train", "test"] : ["train"];
  const everywhere = (...columns: ClassColumn[]) =>
    documents.flatMap((_, i) => columns.map((column) => `/taps/${i}/classes/${column}`));
  const notices = commonestClass(task, documents);
  if (train.labels.length < 2 * train.n)
    notices.push({
      code: "few-samples-a-class",
      numbers: ["/classCount", ...everywhere(...columns)],
      message:
        `With ${train.n} classes among ${train.labels.length} samples there are fewer than two samples for each class: ` +
        "are the labels numbers or ids of samples?",
    });
  if (!test) return notices;
  const about = (code: ProbeNotice["code"], message: string | null) => {
    if (message !== null) notices.push({ code, numbers: everywhere("test"), message });
  };
  about("unseen-test-classes", unseenClasses(task, test));
  about("absent-test-classes", absentClasses(task, test));
  if (new Set(test.found).size === 1)
    about("one-test-class", `All test samples are of one class, ${test.found[0]!}.`);
  if (taps.every(({ train, test }) => test !== null && train.variation.equals(test.variation)))
    about(
      "test-is-training",
      "The test features are the training features, so nothing was held out.",
    );
  return notices;
}

/** Class columns that a constant prediction would equal. */
function commonestClass({ train, test }: ClassTask, documents: readonly TapDocument[]) {
  const counts = countsOf(train);
  const most = Math.max(...counts);
  const commonest = counts.indexOf(most);
  const inTest = test ? countsOf(test)[commonest]! : 0;
  return documents.flatMap(({ classes }, i): ProbeNotice[] => {
    const notice = (column: ClassColumn, constant: number, samples: number): ProbeNotice => ({
      code: "commonest-class",
      numbers: [`/taps/${i}/classes/${column}`],
      message:
        "This is no better than predicting the commonest training class for every sample, which gets " +
        `${((constant / samples) * 100).toFixed(1)} %.`,
    });
    const notices: ProbeNotice[] = [];
    if (classes && classes.train.correct <= most)
      notices.push(notice("train", most, train.labels.length));
    if (classes?.test && test && inTest > 0 && classes.test.correct <= inTest)
      notices.push(notice("test", inTest, test.labels.length));
    return notices;
  });
}

function unseenClasses({ classes }: ClassTask, { labels, found }: TestLabels): string | null {
  const unseen = found.filter((_, i) => labels[i] === -1);
  if (unseen.length === 0) return null;
  const which = distinct(unseen);
  const shift = shiftBetween(classes, distinct(found));
  const counted =
    shift === null
      ? ""
      : ` All test labels seem to be ${shift > 0n ? `${shift} higher` : `${-shift} lower`} than those of training; ` +
        "if so, the whole column is wrong.";
  return (
    `${unseen.length} of ${found.length} test samples can never be right, because no training sample has their ` +
    `${which.length === 1 ? "label" : "labels"}, ${listed(which)}.${counted}`
  );
}

/** What seems to have been added to all test labels: their range is that of training, shifted; null for no shift. */
function shiftBetween(train: readonly Label[], test: readonly Label[]): bigint | null {
  const shift = BigInt(test[0]!) - BigInt(train[0]!);
  const atEnd = BigInt(test.at(-1)!) - BigInt(train.at(-1)!);
  return shift !== 0n && shift === atEnd ? shift : null;
}

/** If this many samples of a class are to be expected, finding none is not chance. */
const EXPECTED_ENOUGH = 20;

function absentClasses({ classes, train }: ClassTask, test: TestLabels): string | null {
  const found = countsOf(test);
  const expected = countsOf(train).map(
    (count) => (count / train.labels.length) * test.labels.length,
  );
  const absent = classes.filter((_, i) => found[i] === 0 && expected[i]! >= EXPECTED_ENOUGH);
  if (absent.length === 0) return null;
  return (
    `No test sample has the training ${absent.length === 1 ? "label" : "labels"} ${listed(absent)}, of which ` +
    `at least ${EXPECTED_ENOUGH} samples were to be expected: are both files counted from the same number?`
  );
}

function countsOf({ n, labels }: LabelSet): number[] {
  const counts = Array<number>(n).fill(0);
  for (const label of labels) if (label >= 0) counts[label]!++;
  return counts;
}

/** The first few of them. */
function listed(items: readonly (string | Label)[]): string {
  const [few, more] = [items.slice(0, 5).map(String).join(", "), items.length - 5];
  return more > 0 ? `${few} and ${more} more` : few;
}
