/** @file A board's row from its columns. */

import { eq, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { readRank } from "../../record/board/board-ranks.ts";
import type { BoardRow, Note } from "../../record/board/board-row.ts";
import type { FixedRow } from "../../record/board/entry-row.ts";
import type { SettledStanding } from "../../record/board/standing.ts";
import { entries, keyNames } from "../schema.ts";
import type { NamedSameCounts } from "./named-same-counts.ts";

const representing = alias(entries, "representing");

/** To select; `keyNames` is joined by `signerName`. */
export const rowColumns = {
  id: entries.id,
  key: entries.key,
  name: keyNames.name,
  number: entries.number,
  fixed: entries.fixed,
  standing: entries.standing,
  operatorNotes: entries.operatorNotes,
  representative: entries.representative,
  /** Its id. */
  representativeId: sql<string | null>`(select ${representing.id} from ${entries} ${representing}
    where ${representing.protocol} = ${entries.protocol} and ${representing.number} = ${entries.representative})`,
};

export const signerName = eq(keyNames.key, entries.key);

export interface StoredRow {
  id: string;
  key: string;
  name: string | null;
  number: number;
  fixed: string;
  standing: string;
  operatorNotes: string;
  representative: number | null;
  representativeId: string | null;
}

/** Of a row that was told before holders were counted, until its first refresh. */
const BEFORE_CHALLENGERS = { challengers: null };

/**
 * @param rank the twelve bytes at the entry's place; null where the column has no ranks.
 * @param sameCounts as `namedSameCounts` tells.
 */
export function boardRow(
  stored: StoredRow,
  rank: Uint8Array | null,
  sameCounts: NamedSameCounts | null,
): BoardRow {
  const fixed = JSON.parse(stored.fixed) as FixedRow;
  const isCounted = stored.representative === stored.number;
  const { entry, notes, ...rest } = fixed;
  return {
    entry,
    signer: { key: stored.key, name: stored.name },
    ...rest,
    notes: [
      ...notes,
      ...(sameCounts?.note ? [sameCounts.note] : []),
      ...(JSON.parse(stored.operatorNotes) as Note[]),
    ],
    standing: {
      ...BEFORE_CHALLENGERS,
      ...(JSON.parse(stored.standing) as SettledStanding),
      sameCountsAs: sameCounts?.sameCountsAs ?? null,
    },
    counted: isCounted,
    representedBy: isCounted ? null : stored.representativeId,
    rank: rank?.length === 12 ? readRank(rank) : null,
  };
}
