/** @file All columns of a board's table, in the order in which they stand. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { challengeSentences, challengerWords } from "../../record/board/challenge-words.ts";
import {
  count,
  day,
  duration,
  gibibytes,
  minute,
  plural,
  short,
  shortDigest,
} from "../charts/numbers.ts";
import { standingSentence, stateWord } from "./state-words.ts";
import type { CellView } from "./cell.ts";
import type { Ranked, Sort } from "../../record/board/board-columns.ts";
import { type Unit, intervalCell } from "./interval-cell.ts";

type Parts = Pick<BoardColumn, "id" | "title" | "help" | "order" | "cell"> & Partial<BoardColumn>;

const column = (parts: Parts): BoardColumn => ({
  numeric: false,
  control: false,
  usual: true,
  sort: null,
  ...parts,
});

const shorten = (text: string) => (text.length <= 24 ? text : `${text.slice(0, 23).trimEnd()}…`);

const PLUS_MINUS = "± is half the width of the 95 % t-interval over all seeds, panel and fresh.";

const NUMBERS: readonly NumberColumn[] = [
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
  },
  {
    id: "gap",
    title: "Gap (points)",
    unit: "points",
    help: "Generalization gap: train minus test accuracy. Who learns nothing has none.",
  },
  {
    id: "learnedComplexity",
    title: "Complexity (%)",
    unit: "%",
    help: "Random-label complexity: 0 % is chance, 100 % every random label learned. Lower is not better.",
  },
  {
    id: "bits",
    title: "Bits · declared",
    unit: "bits",
    help: "Memorised bits per sample, from the loss on random labels; can be negative. As declared by the signer.",
  },
  {
    id: "effectiveRank",
    title: "Effective rank · declared",
    unit: "",
    help: "Of the last tap's features: the exponential of their spectrum's entropy; 0 where none varies between samples. As declared by the signer.",
  },
  {
    id: "capacity",
    title: "Refit (%)",
    unit: "%",
    help: "Complexity by ridge regression on the final features: no optimiser in it.",
  },
  {
    id: "frozenCapacity",
    title: "Frozen trunk (%)",
    unit: "%",
    help: "Negative control: the same refit on the random trunk before training.",
    control: true,
    unusual: true,
  },
  {
    id: "countsNull",
    title: "Null (%)",
    unit: "%",
    help: "Negative control: what width and number of samples alone would give.",
    control: true,
    unusual: true,
  },
];

const isRankedName = (id: NumberName): id is Ranked =>
  !["frozenCapacity", "countsNull", "seconds"].includes(id);

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
    order: ({ numbers }) => numbers[id]?.mean ?? null,
    cell: ({ numbers, divergence }) =>
      intervalCell(numbers[id], title.replace(/ [(·].*$/, ""), unit, divergence),
  }),
);

export const BOARD_COLUMNS: readonly BoardColumn[] = [
  column({
    id: "tier",
    title: "Tier",
    help:
      "Equal rank intervals share a tier (Welch's test at 5 %); different tiers may still be indistinguishable. " +
      "A configuration is ranked once, whoever lists it.",
    numeric: true,
    order: ({ rank }) => rank?.low ?? null,
    cell: tierCell,
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
  column({
    id: "arch",
    title: "Architecture",
    help: "The network's name; its numbers are width, depth or patch size.",
    order: ({ arch }) => arch,
    cell: ({ arch, custom }) =>
      custom
        ? { text: `${arch} (custom)`, help: "Carries its own source text." }
        : { text: arch, help: null },
  }),
  column({
    id: "params",
    title: "Parameters",
    help: "Of trunk and class head.",
    numeric: true,
    sort: "params",
    order: ({ params }) => params,
    cell: ({ params }) => ({ text: short(params), help: `${count(params)} parameters` }),
  }),
  column({
    id: "regs",
    title: "Regularizers",
    help: "Canonical text; none is the baseline that the others are compared with.",
    order: ({ regs }) => regs,
    cell: ({ regs }) => ({
      text: regs,
      help: regs === "none" ? "Baseline: no regularizer." : null,
    }),
  }),
  ...NUMBER_COLUMNS,
  column({
    id: "seeds",
    title: "Seeds",
    help: "Panel seeds, the same for everybody, plus fresh seeds issued after a commitment.",
    order: ({ panel, fresh }) => panel + fresh,
    cell: seedsCell,
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
    id: "seconds",
    title: "Time and hardware · declared",
    help: "Mean time of one run with its controls, and what it ran on. As declared by the signer.",
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
];

export const USUAL_COLUMNS: readonly string[] = BOARD_COLUMNS.filter(({ usual }) => usual).map(
  ({ id }) => id,
);

/** Undefined for a name that no column has. */
export function findColumn(id: string): BoardColumn | undefined {
  return BOARD_COLUMNS.find((each) => each.id === id);
}

function tierCell({ rank, representedBy, standing }: BoardRow): CellView {
  if (rank === null && !standing.weighs)
    return { text: "–", help: "Not ranked: its counts stood under another label before." };
  if (rank === null) return { text: "–", help: "Not ranked in this order." };
  const { low, high, tier } = rank;
  const place = low === high ? `place ${low}` : `places ${low} to ${high}`;
  const help = `Tier ${tier}: these seeds allow ${place} in the sorted column.`;
  if (representedBy === null) return { text: String(tier), help };
  const whose = ` The rank of its configuration, which counts once: entry ${shortDigest(representedBy)} stands for it.`;
  return { text: String(tier), help: help + whose };
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
  return { text: `${duration(seconds)}, ${shorten(device)}`, help };
}

/** What a column of a board's table is. */
export interface BoardColumn {
  id: string;
  title: string;
  /** What the column holds, in its heading's tooltip. */
  help: string;
  numeric: boolean;
  /** Is it a control, which a complexity cannot be read without? */
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
