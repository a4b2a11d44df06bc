/**
 * @file Ranks are stored in editions: a new one beside the one that is shown, until the board names it.
 *
 * To store a large board's takes longer than others should wait, and in a transaction PGlite answers nobody else.
 */

import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { type SQL, and, eq, notInArray, sql } from "drizzle-orm";
import type { Ranked } from "../../record/board/board-columns.ts";
import { type Reader, type Transaction, eventLoopTurn } from "../db.ts";
import { boardRanks, boards, entries } from "../schema.ts";

type Columns = ReadonlyMap<Ranked, Uint8Array>;

export interface RankEdition {
  /** SHA-256 of all columns in hexadecimal, so the same ranks are the same edition; `WITH_CUSTOM` follows where there are two. */
  name: string;
  /** Without custom code. */
  columns: Columns;
  /** With it among the others; null for a board that ranks none, where it would be the same. */
  withCustom: Columns | null;
}

/** Ends the name of an edition with two sets of ranks; that without custom code is stored under the name before it. */
const WITH_CUSTOM = "+custom";

export async function rankEdition(
  columns: Columns,
  withCustom: Columns | null = null,
): Promise<RankEdition> {
  const all = [...columns.values(), ...(withCustom?.values() ?? [])];
  const digest = await crypto.subtle.digest("SHA-256", concatBytes(...all));
  const name = bytesToHex(new Uint8Array(digest)) + (withCustom === null ? "" : WITH_CUSTOM);
  return { name, columns, withCustom };
}

/** Does a board that names this edition rank custom code among the others where it is asked to? */
export function ranksCustom(edition: string): boolean {
  return edition.endsWith(WITH_CUSTOM);
}

/** Under which name ranks without custom code are stored. */
function plainName(edition: string): string {
  return edition.replace(WITH_CUSTOM, "");
}

const BYTES_AT_ONCE = 200_000;

/** Columns of a small board go in at once, those of a large one in turn; shown they are not yet. */
export async function storeEdition(
  db: Reader,
  protocol: string,
  { name, columns, withCustom }: RankEdition,
): Promise<void> {
  const rowsOf = (edition: string, ranked: Columns) =>
    [...ranked].map(([column, ranks]) => ({ protocol, edition, column, ranks }));
  const rows = [
    ...rowsOf(plainName(name), columns),
    ...(withCustom === null ? [] : rowsOf(name, withCustom)),
  ];
  const each = Math.max(1, Math.floor(BYTES_AT_ONCE / rows[0]!.ranks.length));
  for (let start = 0; start < rows.length; start += each) {
    if (start > 0) await eventLoopTurn();
    await db
      .insert(boardRanks)
      .values(rows.slice(start, start + each))
      .onConflictDoNothing();
  }
}

/**
 * With the board that names an edition. What somebody else is storing goes as well: it was computed for a board that
 * is no longer there, and is not shown.
 */
export async function dropOtherEditions(
  tx: Transaction,
  protocol: string,
  name: string,
): Promise<void> {
  await tx
    .delete(boardRanks)
    .where(
      and(
        eq(boardRanks.protocol, protocol),
        notInArray(boardRanks.edition, [name, plainName(name)]),
      ),
    );
}

/** The rank of an entry, its board and ranks joined by the two below. */
export const shownRank =
  sql`substring(${boardRanks.ranks} from 12 * ${entries.number} + 1 for 12)`.mapWith(
    boardRanks.ranks,
  );

export const ownBoard = eq(boards.protocol, entries.protocol);

/** @param withCustom whether custom code is ranked among the others. */
export function shownRanks(column: Ranked, withCustom = false): SQL {
  const shown = withCustom ? boards.edition : sql`replace(${boards.edition}, ${WITH_CUSTOM}, '')`;
  return and(
    eq(boardRanks.protocol, boards.protocol),
    eq(boardRanks.edition, shown),
    eq(boardRanks.column, column),
  )!;
}
