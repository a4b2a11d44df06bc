/** @file All entries of a board in the order they came, a few at a time: for exports. */

import { and, asc, eq, gte, inArray, lt } from "drizzle-orm";
import type { BoardRow } from "../../record/board/board-row.ts";
import type { Receipt } from "../../record/log/log-entry.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import { receiptOf } from "../append-leaf.ts";
import { readBoard } from "../board/read-board.ts";
import { boardRow, rowColumns, signerName } from "../board/stored-row.ts";
import type { Reader } from "../db.ts";
import { envelopeIn } from "../index/leaf-body.ts";
import { entries, keyNames, leaves } from "../schema.ts";

/** Rows read at a time, without and with their envelopes. */
const ROWS = 500;
const ENVELOPES = 16;

interface Numbered {
  row: BoardRow;
  leaf: number;
}

/** Hidden ones as well: their state says so. Ranks are of a sorted column, so they have none. */
export async function* boardRows(
  db: Reader,
  protocol: string,
  batch = ROWS,
): AsyncGenerator<Numbered[]> {
  const { entries: size } = await readBoard(db, protocol);
  for (let start = 0; start < size; start += batch) {
    const rows = await db
      .select({ ...rowColumns, leaf: entries.leaf })
      .from(entries)
      .leftJoin(keyNames, signerName)
      .where(
        and(
          eq(entries.protocol, protocol),
          gte(entries.number, start),
          lt(entries.number, Math.min(size, start + batch)),
        ),
      )
      .orderBy(asc(entries.number));
    yield rows.map(({ leaf, ...stored }) => ({ row: boardRow(stored, null), leaf }));
  }
}

export interface ExportedEntry {
  row: BoardRow;
  envelope: Envelope;
  receipt: Receipt;
}

export async function* boardEntries(db: Reader, protocol: string): AsyncGenerator<ExportedEntry> {
  for await (const rows of boardRows(db, protocol, ENVELOPES)) {
    const found = await db
      .select()
      .from(leaves)
      .where(
        inArray(
          leaves.index,
          rows.map(({ leaf }) => leaf),
        ),
      );
    const byIndex = new Map(found.map((leaf) => [leaf.index, leaf]));
    for (const { row, leaf } of rows) {
      const own = byIndex.get(leaf)!;
      yield { row, envelope: envelopeIn(own), receipt: receiptOf(row.entry, own) };
    }
  }
}
