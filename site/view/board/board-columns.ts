/** @file All columns of a board's table, in the order in which they stand. */

import type { BoardRow, Rank } from "../../../record/board/board-row.ts";
import { day, minute } from "../../lib/dates.ts";
import { shortDigest } from "../../lib/digests.ts";
import { count, duration, gibibytes, plural, short } from "../../lib/numbers.ts";
import { STATE_HELP, stateWord } from "../../lib/states.ts";
import { plain, type CellView } from "../cell.ts";
import type { BoardColumn } from "./board-column.ts";
import { NUMBER_COLUMNS } from "./number-columns.ts";

type Parts = Pick<BoardColumn, "id" | "title" | "help" | "cell"> & Partial<BoardColumn>;

const column = (parts: Parts): BoardColumn => ({
  numeric: false,
  control: false,
  usual: true,
  sort: null,
  ...parts,
});

export const BOARD_COLUMNS: readonly BoardColumn[] = [
  column({
    id: "tier",
    title: "Tier",
    help: "Entries that these seeds cannot tell apart in the sorted column share a tier (Welch's test at 5 %).",
    numeric: true,
    cell: ({ rank }) => tierCell(rank),
  }),
  column({
    id: "entry",
    title: "Entry",
    help: "Who signed it, and the beginning of the digest of what was signed.",
    cell: ({ entry, signer }) => ({
      text: `${signer.name ?? "unnamed"} ${shortDigest(entry)}`,
      help: `Entry ${entry}, signed by ${signer.key}`,
      order: `${signer.name ?? "\uffff"} ${entry}`,
    }),
  }),
  column({
    id: "arch",
    title: "Architecture",
    help: "The network's name; its numbers are width, depth or patch size.",
    cell: ({ arch, custom }) =>
      custom
        ? { ...plain(arch, "Carries its own source text."), text: `${arch} (custom)` }
        : plain(arch),
  }),
  column({
    id: "params",
    title: "Parameters",
    help: "Of trunk and class head.",
    numeric: true,
    sort: "params",
    cell: ({ params }) => ({
      text: short(params),
      help: `${count(params)} parameters`,
      order: params,
    }),
  }),
  column({
    id: "regs",
    title: "Regularizers",
    help: "Canonical text; none is the baseline that the others are compared with.",
    cell: ({ regs }) => plain(regs, regs === "none" ? "Baseline: no regularizer." : null),
  }),
  ...NUMBER_COLUMNS,
  column({
    id: "seeds",
    title: "Seeds",
    help: "Panel seeds, the same for everybody, plus fresh seeds issued after a commitment.",
    cell: seedsCell,
  }),
  column({
    id: "state",
    title: "State",
    help: "What may be believed of the entry; each state links to what it proves and what not.",
    cell: ({ standing }) => {
      const word = stateWord(standing.state, standing.reproductions.agree);
      return plain(word, standing.reason ?? STATE_HELP[standing.state]);
    },
  }),
  column({
    id: "seconds",
    title: "Time and hardware",
    help: "Mean time of one run with its controls, and what it ran on. As declared by the signer.",
    sort: "seconds",
    cell: hardwareCell,
  }),
  column({
    id: "receivedAt",
    title: "Date",
    help: "When the server received it.",
    sort: "receivedAt",
    cell: ({ receivedAt }) => ({
      text: day(receivedAt),
      help: minute(receivedAt),
      order: receivedAt,
    }),
  }),
];

export const USUAL_COLUMNS: readonly string[] = BOARD_COLUMNS.filter(({ usual }) => usual).map(
  ({ id }) => id,
);

/** Undefined for a name that no column has. */
export function findColumn(id: string): BoardColumn | undefined {
  return BOARD_COLUMNS.find((each) => each.id === id);
}

function tierCell(rank: Rank | null): CellView {
  if (rank === null) return { text: "–", help: "Not ranked in this order.", order: null };
  const { low, high, tier } = rank;
  const place = low === high ? `place ${low}` : `places ${low} to ${high}`;
  const help = `Tier ${tier}: these seeds allow ${place} in the sorted column.`;
  return { text: String(tier), help, order: low };
}

function seedsCell({ panel, fresh, standing }: BoardRow): CellView {
  const { byKey, byAnybody } = standing.challenges;
  const help =
    `${plural(panel, "panel seed")}, ${plural(fresh, "fresh seed")}. ` +
    `Challenges of this configuration: ${byKey.completed} of ${byKey.issued} completed by this key, ` +
    `${byAnybody.completed} of ${byAnybody.issued} by anybody.`;
  return { text: `${panel} + ${fresh}`, help, order: panel + fresh };
}

function hardwareCell({ numbers, machine, engine }: BoardRow): CellView {
  const seconds = numbers.seconds?.mean ?? null;
  const device = engine.device === "cuda" ? (machine.gpus[0] ?? "GPU") : machine.cpu;
  const help =
    `${device}; ${plural(machine.cores, "core")}, ${plural(machine.threads, "thread")} a run, ` +
    `${gibibytes(machine.memoryBytes)}, ${machine.os}; ${engine.library}, ${engine.precision}` +
    `${engine.deterministic ? ", deterministic" : ""}.`;
  return { text: `${duration(seconds)}, ${shorten(device)}`, help, order: seconds };
}

const shorten = (text: string) => (text.length <= 24 ? text : `${text.slice(0, 23).trimEnd()}…`);
