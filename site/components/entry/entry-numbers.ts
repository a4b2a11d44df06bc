/** @file An entry's headline numbers beside the controls without which they cannot be read. */

import type { VNode } from "preact";
import { type Child, h } from "../../markup/element.ts";
import { PLUS_MINUS_HELP, table } from "../../markup/table.ts";
import { decimalInterval } from "../../charts/numbers.ts";
import { selectivityMeaning, widthSentence, widthText } from "../../charts/capacity-words.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import { type Unit, intervalCell } from "../../data/interval-cell.ts";
import { protocolFacts } from "../../data/protocol-facts.ts";
import { toldRefits } from "../../../record/told-refits.ts";
import type { Estimate } from "../../../record/summary.ts";

/** @param ladder its picture, or what stands there until it is drawn. */
export function entryNumbers(model: EntryModel, ladder: Child): VNode {
  const tables: [caption: string, lines: HeadlineLine[]][] = [
    ["What heads learn", [...HEAD_LINES, ...suppressedHead(model)]],
    ["What the features allow", [...FEATURE_LINES, ...selectivityLines(model)]],
    ["The class task", [...TASK_LINES]],
    ["The null, rung by rung", [...NULL_LINES]],
  ];
  return h(
    "section",
    { "aria-labelledby": "headline" },
    h("h2", { id: "headline" }, "Numbers and controls"),
    divergence(model),
    h("div", { "data-part": "ladder" }, ladder),
    width(model),
    h("div", { class: "two" }, ...tables.map(([caption, lines]) => block(caption, lines, model))),
  );
}

function divergence({ entry }: EntryModel): Child {
  const { divergence } = entry.summary;
  if (divergence === null) return null;
  const text = `Of its runs ${divergence}. A mean over the others would mislead, so there is none.`;
  return h("p", { class: "notice" }, text);
}

function width({ entry, runs }: EntryModel): Child {
  const facts = protocolFacts(entry.protocol.name);
  if (facts === undefined) return null;
  const samples = runs?.metrics[0]?.counts.trainSamples ?? null;
  const said = widthSentence(entry.summary, facts.headline, samples);
  return said === null ? null : h("p", {}, said);
}

const COLUMNS = [
  { title: "Quantity" },
  { title: "Mean ± 95 %", numeric: true, help: PLUS_MINUS_HELP },
] as const;

function block(caption: string, lines: readonly HeadlineLine[], model: EntryModel): VNode {
  const rows = lines.map((line) => [{ content: heading(line) }, { content: number(line, model) }]);
  return table(caption, COLUMNS, rows);
}

/** The meaning below the name: a telephone has no room for a third column. */
function heading({ title, meaning }: HeadlineLine): VNode {
  const explained = h("span", { class: "meaning" }, meaning);
  return h("span", {}, title, explained);
}

function number(line: HeadlineLine, model: EntryModel): VNode {
  const { title, unit, checked } = line;
  const estimate = line.of(model);
  const name = title.replace(/ ·.*$/, "");
  const { text, help } = intervalCell(estimate, name, unit, model.entry.summary.divergence);
  const sign = estimate === null || unit === "" || unit === "bits" ? "" : ` ${unit}`;
  const attributes = {
    title: help,
    "data-number": checked ?? null,
    "data-mean": checked ? (estimate?.mean ?? null) : null,
  };
  return h("span", attributes, line.text ? line.text(model) : `${text}${sign}`);
}

/** One quantity: name, unit, meaning. */
interface HeadlineLine {
  title: string;
  unit: Unit;
  meaning: string;
  of(model: EntryModel): Estimate;
  /** Where the mean alone would say too much. */
  text?(model: EntryModel): string;
  /** The name under which the check in the browser reads it. */
  checked?:
    | "learnedComplexity"
    | "capacity"
    | "equivalentWidth"
    | "selectivity"
    | "gap"
    | "testAccuracy"
    | "trainAccuracy";
}

const HEAD_LINES: readonly HeadlineLine[] = [
  {
    title: "Learned complexity",
    unit: "%",
    meaning:
      "Random labels that heads trained alongside get right at the end: 0 is chance, 100 all.",
    of: ({ entry }) => entry.summary.learnedComplexity,
    checked: "learnedComplexity",
  },
  {
    title: "Heads on the frozen trunk",
    unit: "%",
    meaning: "The same heads, fed by the trunk as it was before training.",
    of: ({ entry }) => entry.summary.frozenComplexity,
  },
  {
    title: "Learned complexity minus frozen",
    unit: "points",
    meaning: "Head against head, run by run.",
    of: ({ entry }) => entry.summary.learnedMinusFrozen,
  },
  {
    title: "Memorized bits per sample · declared",
    unit: "bits",
    meaning: "From the heads' loss, which no count shows.",
    of: ({ entry }) => entry.summary.bits,
  },
];

/** Shown where `rl=` acts on a head of the last tap. */
function suppressedHead({ entry }: EntryModel): HeadlineLine[] {
  const { regularizedComplexity } = entry.summary;
  if (regularizedComplexity === null) return [];
  return [
    {
      title: "Head of the labelling that rl= suppresses",
      unit: "%",
      meaning: "No part of the learned complexity.",
      of: () => regularizedComplexity,
    },
  ];
}

const FEATURE_LINES: readonly HeadlineLine[] = [
  {
    title: "Capacity",
    unit: "%",
    meaning: "Ridge refits of labellings that no head met, on the final features.",
    of: ({ entry }) => entry.summary.capacity,
    checked: "capacity",
  },
  {
    title: "Frozen trunk's capacity",
    unit: "%",
    meaning: "The same on the features before training.",
    of: ({ entry }) => entry.summary.frozenCapacity,
  },
  {
    title: "Capacity minus frozen",
    unit: "points",
    meaning: "Refit against refit, run by run.",
    of: ({ entry }) => entry.summary.capacityMinusFrozen,
  },
  {
    title: "Equivalent width",
    unit: "",
    meaning: "Of a shapeless cloud with this capacity; comparable within one protocol only.",
    of: ({ entry }) => entry.summary.equivalentWidth,
    text: ({ entry }) => widthText(entry.summary),
    checked: "equivalentWidth",
  },
  {
    title: "Effective rank · declared",
    unit: "",
    meaning:
      "Exponential of the entropy of the last tap's spectrum; 0 where no feature varies between samples.",
    of: ({ entry }) => entry.summary.controls?.effectiveRank ?? null,
  },
];

const TASK_LINES: readonly HeadlineLine[] = [
  {
    title: "Generalization gap",
    unit: "points",
    meaning: "Train minus test accuracy.",
    of: ({ entry }) => entry.summary.gap,
    checked: "gap",
  },
  {
    title: "Test accuracy",
    unit: "%",
    meaning: "Of the official test images, at the end.",
    of: ({ entry }) => entry.summary.testAccuracy,
    checked: "testAccuracy",
  },
  {
    title: "Train accuracy",
    unit: "%",
    meaning: "At the end, without augmentation.",
    of: ({ entry }) => entry.summary.trainAccuracy,
    checked: "trainAccuracy",
  },
  {
    title: "Test minus train loss · declared",
    unit: "",
    meaning: "In nats per image.",
    of: ({ entry }) => entry.summary.lossGap,
    text: ({ entry }) => decimalInterval(entry.summary.lossGap),
  },
];

const NULL_LINES: readonly HeadlineLine[] = [
  {
    title: "Counts",
    unit: "%",
    meaning: "A shapeless cloud of the features' width: labels, samples and width alone.",
    of: ({ entry }) => entry.summary.countsNull,
  },
  {
    title: "Spectrum · declared",
    unit: "%",
    meaning: "A cloud with the features' spectrum.",
    of: ({ entry }) => entry.summary.spectrumNull,
  },
  {
    title: "Leverages · declared",
    unit: "%",
    meaning: "A cloud with their leverages: how far each sample pulls its own fit.",
    of: ({ entry }) => entry.summary.leveragesNull,
  },
  {
    title: "Capacity minus leverages · declared",
    unit: "points",
    meaning:
      "Below zero: fewer labels are fitted from the features than from a cloud with their spectrum and leverages.",
    of: ({ entry }) => entry.summary.capacityMinusLeverages,
  },
];

/** Of the told labelling: claimed where `rl=` acts on it, a negative control elsewhere. */
function selectivityLines({ entry, runs }: EntryModel): HeadlineLine[] {
  const { summary, protocol } = entry;
  const { selectivity, selectivityP } = summary;
  const acted = summary.heads.find(({ regularized }) => regularized);
  if (acted === undefined) {
    if (selectivity === null || selectivityP === null) return [];
    return [
      {
        title: "Selectivity, a negative control",
        unit: "points",
        meaning: selectivityMeaning({ selectivity, p: selectivityP }, false),
        of: () => selectivity,
        checked: "selectivity",
      },
    ];
  }
  const last = Math.max(...summary.heads.map(({ tap }) => tap));
  const headline = protocolFacts(protocol.name)?.headline ?? acted.n;
  return toldRefits(runs?.metrics ?? [], headline).flatMap(
    ({ tap, told, selectivity, p }): HeadlineLine[] => {
      const at = acted.tap === last ? "" : tap === last ? " at the last tap" : ` at tap ${tap}`;
      return [
        {
          title: `Refit of the labelling that rl= suppresses${at}`,
          unit: "%",
          meaning: "The told labelling, no part of the capacity.",
          of: () => told,
        },
        {
          title: `Selectivity${at}`,
          unit: "points",
          meaning: selectivityMeaning({ selectivity, p }, true),
          of: () => selectivity,
          ...(tap === last && { checked: "selectivity" as const }),
        },
      ];
    },
  );
}
