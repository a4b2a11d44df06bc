/** @file All columns of a board's table, in the order in which they stand. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { challengeSentences, challengerWords } from "../../record/board/challenge-words.ts";
import {
  count,
  day,
  duration,
  gibibytes,
  minute,
  pValue,
  plural,
  short,
  shortDigest,
} from "../charts/numbers.ts";
import { shareOfNull } from "../charts/map-points.ts";
import { standingSentence, stateWord } from "./state-words.ts";
import type { CellView } from "./cell.ts";
import { RANKED, type Ranked, type Sort } from "../../record/board/board-columns.ts";
import { type Unit, widthCell, intervalCell } from "./interval-cell.ts";

type Parts = Pick<BoardColumn, "id" | "title" | "help" | "order" | "cell"> & Partial<BoardColumn>;

const column = (parts: Parts): BoardColumn => ({
  numeric: false,
  control: false,
  usual: true,
  sort: null,
  ...parts,
});

/** The column that names a row: it is always shown. */
export const CONFIGURATION = "configuration";

const BASELINE = "Baseline: no regularizer.";

const shorten = (text: string) => (text.length <= 24 ? text : `${text.slice(0, 23).trimEnd()}…`);

const PLUS_MINUS = "± is half the width of the 95 % t-interval over all seeds, panel and fresh.";

/** What a learned complexity and a capacity cannot be read without. */
const CONTROLS: readonly NumberColumn[] = [
  {
    id: "frozenComplexity",
    title: "Heads on the frozen trunk (%)",
    unit: "%",
    help: "The same heads on the trunk as it was before training, in the same steps; – where the protocol has none.",
  },
  {
    id: "frozenCapacity",
    title: "Frozen trunk's capacity (%)",
    unit: "%",
    help: "The same refits on the features of the trunk before training.",
  },
  {
    id: "countsNull",
    title: "Null: counts (%)",
    unit: "%",
    help: "A shapeless cloud as wide as the last tap: what width and number of samples alone would give.",
  },
  {
    id: "spectrumNull",
    title: "Null: spectrum (%) · declared",
    unit: "%",
    help: "A cloud with the features' own spectrum. As declared by the signer.",
  },
  {
    id: "leveragesNull",
    title: "Null: leverages (%) · declared",
    unit: "%",
    help: "A cloud with the features' own leverages. As declared by the signer.",
  },
  {
    id: "selectivity",
    title: "Selectivity (points)",
    unit: "points",
    help:
      "How much better or worse the labelling that the heads were told is refitted than labellings that no head met. " +
      "At the last tap. Claimed only for entries with rl=.",
  },
];

const NUMBERS: readonly NumberColumn[] = [
  {
    id: "learnedComplexity",
    title: "Learned complexity (%)",
    unit: "%",
    help:
      "What heads trained alongside the network learned of random labels: 0 % is chance, 100 % every one fitted. " +
      "Lower is not better.",
  },
  {
    id: "capacity",
    title: "Capacity (%)",
    unit: "%",
    help:
      "What the final features allow: ridge refits of labellings that no head ever met, on the same scale, without an " +
      "optimizer. Lower is not better.",
  },
  {
    id: "equivalentWidth",
    title: "Equivalent width (features)",
    unit: "features",
    help:
      "Width of a shapeless cloud of points that gives the same capacity. Comparable at one n and one number of " +
      "samples only: on this board, never between boards. Where it is a bound in some run, the rank is of that bound.",
    unusual: true,
  },
  {
    id: "gap",
    title: "Gap (points)",
    unit: "points",
    help: "Generalization gap: train minus test accuracy. A network that learns nothing has none.",
  },
  {
    id: "testAccuracy",
    title: "Test accuracy (%)",
    unit: "%",
    help: "Images of the test set classified correctly.",
  },
  {
    id: "trainAccuracy",
    title: "Train accuracy (%)",
    unit: "%",
    help: "Training images classified correctly at the end, without augmentation.",
    unusual: true,
  },
  {
    id: "bits",
    title: "Bits · declared",
    unit: "bits",
    help: "Memorized bits per sample, from the loss on random labels; can be negative. As declared by the signer.",
    unusual: true,
  },
  {
    id: "effectiveRank",
    title: "Effective rank · declared",
    unit: "",
    help: "Of the last tap's features: the exponential of their spectrum's entropy; 0 where none varies between samples. As declared by the signer.",
    unusual: true,
  },
  ...CONTROLS.map((each) => ({ ...each, control: true, unusual: true }) as const),
];

const isRankedName = (id: NumberName): id is Ranked => (RANKED as readonly string[]).includes(id);

/** The columns of means with intervals. */
const NUMBER_COLUMNS: readonly BoardColumn[] = NUMBERS.map(
  ({ id, title, unit, help, control, unusual }) => ({
    id,
    title,
    help: `${help} ${PLUS_MINUS}`,
    numeric: true,
    control: control ?? false,
    usual: !unusual,
    sort: isRankedName(id) ? id : null,
    order: ({ numbers, equivalentWidthBound }) =>
      id === "equivalentWidth" && equivalentWidthBound === "unknown"
        ? null
        : (numbers[id]?.mean ?? null),
    cell: (row) => numberCell(row, id, title.replace(/ [(·].*$/, ""), unit),
  }),
);

function numberCell(row: BoardRow, id: NumberName, title: string, unit: Unit): CellView {
  const { numbers, equivalentWidthBound, selectivityP, divergence } = row;
  const rest = [title, unit, divergence] as const;
  if (id === "equivalentWidth") return widthCell(numbers[id], equivalentWidthBound, ...rest);
  const { text, help } = intervalCell(numbers[id], ...rest);
  if (id !== "selectivity" || selectivityP === null) return { text, help };
  const rank = `Two-sided ${pValue(selectivityP)}, exact, of the told labelling's ranks among the others.`;
  return { text, help: `${help} ${rank}` };
}

export const BOARD_COLUMNS: readonly BoardColumn[] = [
  column({
    id: CONFIGURATION,
    title: "Configuration",
    help: "Architecture and regularizers, none where there are none. It leads to the entry's page.",
    order: ({ arch, regs }) => `${arch} ${regs}`,
    cell: ({ arch, regs }) => ({
      text: `${arch} ${regs}`,
      help: customHelp(`${arch} ${regs}`) ?? (regs === "none" ? BASELINE : null),
    }),
  }),
  column({
    id: "arch",
    title: "Architecture",
    help: "The network's name; its numbers are width, depth or patch size.",
    usual: false,
    order: ({ arch }) => arch,
    cell: ({ arch }) => ({ text: arch, help: customHelp(arch) }),
  }),
  column({
    id: "regs",
    title: "Regularizers",
    help: "Canonical text; none is the baseline that the others are compared with.",
    usual: false,
    order: ({ regs }) => regs,
    cell: ({ regs }) => ({
      text: regs,
      help: regs === "none" ? BASELINE : customHelp(regs),
    }),
  }),
  column({
    id: "state",
    title: "State",
    help: "What may be believed of the entry; each state links to what it proves and what not.",
    order: ({ standing }) => stateWord(standing),
    cell: ({ standing }) => ({
      text: stateWord(standing),
      help: standing.reason ?? standingSentence(standing),
    }),
  }),
  column({
    id: "tier",
    title: "Places",
    help:
      "Which places of the sorted column these seeds allow: 2–7 is anything from second to seventh. Two configurations are " +
      "told apart by Welch's test at 5 % divided by the number of other configurations; equal places share a tier. " +
      "A configuration is ranked once, whoever lists it.",
    numeric: true,
    order: ({ rank }) => rank?.low ?? null,
    cell: placesCell,
  }),
  ...NUMBER_COLUMNS,
  column({
    id: "nullShare",
    title: "Share of the null (%)",
    help: `Capacity divided by that of a shapeless cloud as wide as the last tap (the null's counts). ${PLUS_MINUS}`,
    numeric: true,
    control: true,
    usual: false,
    order: (row) => nullShare(row)?.mean ?? null,
    cell: (row) => intervalCell(nullShare(row), "Share of the null", "%", row.divergence),
  }),
  column({
    id: "params",
    title: "Parameters",
    help: "Of trunk and class head.",
    numeric: true,
    usual: false,
    sort: "params",
    order: ({ params }) => params,
    cell: ({ params }) => ({ text: short(params), help: `${count(params)} parameters` }),
  }),
  column({
    id: "seeds",
    title: "Seeds",
    help: "Panel seeds, the same for everybody, plus fresh seeds issued after a commitment.",
    order: ({ panel, fresh }) => panel + fresh,
    cell: seedsCell,
  }),
  column({
    id: "seconds",
    title: "Time and hardware · declared",
    help: "Mean time of one run with its controls, and what it ran on. As declared by the signer.",
    usual: false,
    sort: "seconds",
    order: ({ numbers }) => numbers.seconds?.mean ?? null,
    cell: hardwareCell,
  }),
  column({
    id: "receivedAt",
    title: "Date",
    help: "When the server received it.",
    sort: "receivedAt",
    order: ({ receivedAt }) => receivedAt,
    cell: ({ receivedAt }) => ({ text: day(receivedAt), help: minute(receivedAt) }),
  }),
  column({
    id: "entry",
    title: "Entry",
    help: "Who signed it, and the beginning of the digest of what was signed.",
    order: ({ entry, signer }) => `${signer.name ?? "\uffff"} ${entry}`,
    cell: ({ entry, signer }) => ({
      text: `${signer.name ?? "unnamed"} ${shortDigest(entry)}`,
      help: `Entry ${entry}, signed by ${signer.key}`,
    }),
  }),
];

/** Null where capacity or null is unknown. */
export const nullShare = ({ numbers: { capacity, countsNull } }: BoardRow) =>
  shareOfNull(capacity, countsNull);

/** Undefined for a name that no column has. */
export function findColumn(id: string): BoardColumn | undefined {
  return BOARD_COLUMNS.find((each) => each.id === id);
}

/** A custom name says where its code comes from; no other name holds the word. */
function customHelp(name: string): string | null {
  return name.includes("custom:")
    ? "Code from its author's own file: nobody checked what it does. The entry shows its source."
    : null;
}

function placesCell({ rank, representedBy, standing, custom }: BoardRow): CellView {
  if (rank === null && !standing.weighs)
    return { text: "–", help: "Not ranked: its counts stood under another label before." };
  if (rank === null && custom)
    return { text: "–", help: "Custom code is not ranked unless you ask for it." };
  if (rank === null) return { text: "–", help: "Not ranked in this order." };
  const { low, high, tier } = rank;
  const text = low === high ? count(low) : `${count(low)}–${count(high)}`;
  const place = low === high ? "place" : "places";
  const help = `These seeds allow ${place} ${text.replace("–", " to ")} in the sorted column: tier ${tier}.`;
  if (representedBy === null) return { text, help };
  const whose = ` The rank of its configuration, which counts once: entry ${shortDigest(representedBy)} stands for it.`;
  return { text, help: help + whose };
}

function seedsCell({ panel, fresh, standing }: BoardRow): CellView {
  const seeds = `${plural(panel, "panel seed")}, ${plural(fresh, "fresh seed")}.`;
  const help = [seeds, ...challengeSentences(standing), ...challengerLines(standing)].join(" ");
  return { text: `${panel} + ${fresh}`, help };
}

/** A line for each holder that a row names, with what it abandoned. */
function challengerLines({ challengers }: BoardRow["standing"]): string[] {
  if (challengers === null || challengers.holders < 2) return [];
  const { shown, holders } = challengers;
  const lines = shown.map((each) => `${shortDigest(each.key)}: ${challengerWords(each)}`);
  const rest = holders > shown.length ? [`${count(holders - shown.length)} more`] : [];
  return [`By holder: ${[...lines, ...rest].join("; ")}.`];
}

function hardwareCell({ numbers, machine, engine }: BoardRow): CellView {
  const seconds = numbers.seconds?.mean ?? null;
  const device = engine.device === "cuda" ? (machine.gpus[0] ?? "GPU") : machine.cpu;
  const help =
    `${device}; ${plural(machine.cores, "core")}, ${plural(machine.threads, "thread")} a run, ` +
    `${gibibytes(machine.memoryBytes)}, ${machine.os}; ${engine.library}, ${engine.precision}` +
    `${engine.deterministic ? ", deterministic" : ""}.`;
  const [text, whole] = [shorten(device), device].map((name) => `${duration(seconds)}, ${name}`);
  return { text: text!, whole: whole!, help };
}

/** What a column of a board's table is. */
export interface BoardColumn {
  id: string;
  title: string;
  /** What the column holds, in its heading's tooltip. */
  help: string;
  numeric: boolean;
  /** Is it a control, which the other numbers cannot be read without? */
  control: boolean;
  /** Shown unless somebody chooses otherwise. */
  usual: boolean;
  /** The server's name of the order by this column; null where only the page sorts by it. */
  sort: Sort | null;
  /** What a sort goes by: cells of ten thousand rows are not written for it. Null sorts last, whichever way. */
  order(row: BoardRow): number | string | null;
  cell(row: BoardRow): CellView;
}

type NumberName = keyof BoardRow["numbers"];

interface NumberColumn {
  id: NumberName;
  title: string;
  unit: Unit;
  help: string;
  control?: true;
  unusual?: true;
}
