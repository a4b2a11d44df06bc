/** @file The reference on a board: entries of a log that came with the software, beside the board's own and never among them. */

import type { BoardRow } from "../../record/board/board-row.ts";
import type { LogLeaf } from "../../record/answers/documents.ts";

export interface Reference {
  rows: readonly BoardRow[];
  /** Of the reference's log, to be looked for in the board's own; null once the build has looked. */
  leaf: Leaf | null;
}

/** As a board has it while it is drawn: by the build from its rows, by an island at first from what the build has left. */
export interface DrawnReference {
  /** Entries that it has on this board. */
  count: number;
  /** Null until they are fetched. */
  rows: readonly BoardRow[] | null;
  /** Rows of the table as HTML, from the build; null for the build itself. */
  markup: string | null;
}

type Leaf = Pick<LogLeaf, "index" | "digest">;

/**
 * No rank, as ranks are of a board's own entries, no notes, and numbers to six digits: more than is shown, and half the
 * bytes. The entry's page has them in full.
 */
export function referenceRow(row: BoardRow): BoardRow {
  const numbers = JSON.parse(JSON.stringify(row.numbers, shortened)) as BoardRow["numbers"];
  return { ...row, numbers, rank: null, notes: [] };
}

const shortened = (_name: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(6)) : value;

type Leaves = readonly (Pick<LogLeaf, "kind" | "digest"> | undefined)[];

/** A log's first result: anybody may repeat a registration elsewhere, but no result that answers a challenge. */
export function firstResult(leaves: Leaves): Leaf | null {
  const index = leaves.findIndex((leaf) => leaf?.kind === "result");
  return index < 0 ? null : { index, digest: leaves[index]!.digest };
}

/**
 * Ids of entries that a log lacks: all, unless it begins with the reference's leaves; none, if it has all of them; of one
 * that was seeded from an older dump those that came since.
 *
 * @param ours leaves of the board's own log, from its first on.
 */
export function lackedEntries(theirs: Leaves, ours: Leaves): ReadonlySet<string> {
  const isTaken = isSeeded((index) => ours[index]?.digest, firstResult(theirs));
  const taken = new Set(isTaken ? resultsOf(ours) : []);
  return new Set(resultsOf(theirs).filter((entry) => !taken.has(entry)));
}

const resultsOf = (leaves: Leaves) =>
  leaves.flatMap((leaf) => (leaf?.kind === "result" ? leaf.digest : []));

/** Does a log begin with the reference's leaves (`rademark db restore --new-log`)? @param digestAt of its leaves. */
export function isSeeded(
  digestAt: (index: number) => string | undefined,
  first: Leaf | null,
): boolean {
  return first !== null && digestAt(first.index) === first.digest;
}
