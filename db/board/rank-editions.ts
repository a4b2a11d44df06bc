/**
 * @file Ranks are stored in editions: a new one beside the one that is shown, until the board names it.
 *
 * To store a large board's takes longer than others should wait, and in a transaction PGlite answers nobody else.
 */

import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { type SQL, and, eq, ne, sql } from "drizzle-orm";
import type { Ranked } from "../../record/board/board-columns.ts";
import { type Reader, type Transaction, eventLoopTurn } from "../db.ts";
import { boardRanks, boards, entries } from "../schema.ts";

export interface RankEdition {
  /** SHA-256 of the columns in hexadecimal: the same ranks are the same edition. */
  name: string;
  columns: ReadonlyMap<Ranked, Uint8Array>;
}

export async function rankEdition(columns: RankEdition["columns"]): Promise<RankEdition> {
  const digest = await crypto.subtle.digest("SHA-256", concatBytes(...columns.values()));
  return { name: bytesToHex(new Uint8Array(digest)), columns };
}

const BYTES_AT_ONCE = 200_000;

/** Columns of a small board go in at once, those of a large one in turn; shown they are not yet. */
export async function storeEdition(
  db: Reader,
  protocol: string,
  { name, columns }: RankEdition,
): Promise<void> {
  const rows = [...columns].map(([column, ranks]) => ({ protocol, edition: name, column, ranks }));
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
    .where(and(eq(boardRanks.protocol, protocol), ne(boardRanks.edition, name)));
}

/** The rank of an entry, its board and ranks joined by the two below. */
export const shownRank =
  sql`substring(${boardRanks.ranks} from 12 * ${entries.number} + 1 for 12)`.mapWith(
    boardRanks.ranks,
  );

export const ownBoard = eq(boards.protocol, entries.protocol);

export function shownRanks(column: Ranked): SQL {
  return and(
    eq(boardRanks.protocol, boards.protocol),
    eq(boardRanks.edition, boards.edition),
    eq(boardRanks.column, column),
  )!;
}
