/** @file Single rows of a board, and the results behind them. */

import { eq, inArray } from "drizzle-orm";
import type { BoardRow } from "../../record/board/board-row.ts";
import type { Result } from "../../record/statement/statements.ts";
import type { Leaf } from "../append-leaf.ts";
import { namedSameCounts } from "../board/named-same-counts.ts";
import { ownBoard, shownRank, shownRanks } from "../board/rank-editions.ts";
import { boardRow, rowColumns, signerName } from "../board/stored-row.ts";
import type { Reader } from "../db.ts";
import { statementIn } from "../index/leaf-body.ts";
import { boardRanks, boards, entries, keyNames, leaves } from "../schema.ts";

/** Of the board's first order; with it the columns that the row does not show. */
export interface FoundRow {
  row: BoardRow;
  protocol: string;
  challenge: string | null;
  supersedes: string | null;
  leaf: Leaf;
}

/** @param ids of entries; those that are unknown are left out. @returns in the order of the ids. */
export async function findRows(db: Reader, ids: readonly string[]): Promise<FoundRow[]> {
  const { protocol, challenge, supersedes } = entries;
  const found = await db
    .select({
      ...rowColumns,
      ...{ protocol, challenge, supersedes, leaf: leaves },
      rank: shownRank,
    })
    .from(entries)
    .innerJoin(leaves, eq(leaves.index, entries.leaf))
    .leftJoin(keyNames, signerName)
    .leftJoin(boards, ownBoard)
    .leftJoin(boardRanks, shownRanks("complexity"))
    .where(inArray(entries.id, [...ids]));
  const sameCounts = await namedSameCounts(db, found);
  return ids.flatMap((id) =>
    found
      .filter((row) => row.id === id)
      .map(({ protocol, challenge, supersedes, leaf, rank, ...stored }) => {
        const row = boardRow(stored, rank, sameCounts(id));
        return { row, protocol, challenge, supersedes, leaf };
      }),
  );
}

export async function findRow(db: Reader, id: string): Promise<FoundRow | null> {
  return (await findRows(db, [id]))[0] ?? null;
}

export function resultOf({ leaf }: FoundRow): Result {
  return statementIn("result", leaf);
}
