/** @file All that a board's page shows, whoever draws it: the build or the island. */

import type { Ranked } from "../../record/board/board-columns.ts";
import type { BoardPage, BoardRow } from "../../record/board/board-row.ts";
import type { Training } from "./training.ts";
import type { SentencesDocument } from "../../record/answers/documents.ts";

export interface BoardModel {
  protocol: BoardPage["protocol"];
  /** Hidden states too. */
  rows: readonly BoardRow[];
  /** Entries that the board has, hidden ones left out; more than `rows` while they are being fetched. */
  total: number;
  hidden: BoardPage["hidden"];
  /** Leaves of the log that it is computed from; null while no server has been asked. */
  logSize: number | null;
  /** The column that the rows' ranks are in. */
  ranked: Ranked;
  /** Are rows with custom code ranked among the others? */
  ranksCustom: boolean;
  /** What the tests allow to be said, in plain words. */
  sentences: readonly SaidOfEntry[];
  /** Of a board without rows alone. */
  training: readonly Training[];
}

/** A sentence with the entry that it is about. */
export type SaidOfEntry = Pick<SentencesDocument["sentences"][number], "entry" | "text">;

/** All of it but what comes by itself. */
export type BoardRows = Omit<BoardModel, "sentences" | "training">;

const NOTHING_HIDDEN: BoardPage["hidden"] = { superseded: 0, retracted: 0, quarantined: 0 };

/** When the newest of these was received; null without any. */
export function newestOf(rows: readonly BoardRow[]): string | null {
  return rows.reduce<string | null>(
    (newest, { receivedAt }) => (newest === null || receivedAt > newest ? receivedAt : newest),
    null,
  );
}

/** A board of which nothing is known yet. */
export function emptyBoardModel(protocol: BoardModel["protocol"]): BoardModel {
  return {
    protocol,
    rows: [],
    total: 0,
    hidden: NOTHING_HIDDEN,
    logSize: null,
    ranked: "learnedComplexity",
    ranksCustom: false,
    sentences: [],
    training: [],
  };
}

/** In the server's order. */
export function saidIn({ sentences }: Pick<SentencesDocument, "sentences">): SaidOfEntry[] {
  return sentences.map(({ entry, text }) => ({ entry, text }));
}

/** Short, as a map names each of its points twice; 64 bits of a digest tell a board's rows apart. */
export function rowAnchor(entry: string): string {
  return `e-${entry.slice(0, 16)}`;
}

/** Of a board with more rows, entries show the board's picture: theirs would take longer than all of their pages. */
export const MOST_PICTURES = 1000;

/** Path of the picture that a link to a board, or to one of its entries, shows (docs/decisions/0064). */
export function linkPicturePath({ protocol, rows }: BoardModel, entry?: string): string {
  return entry === undefined || rows.length > MOST_PICTURES
    ? `/pictures/boards/${protocol.name}.png`
    : `/pictures/entries/${entry}.png`;
}
