/** @file All entries of a board in the order they came, a few at a time: for exports. */

import { and, asc, eq, gte, inArray, lt } from "drizzle-orm";
import type { BoardRow } from "../../record/board/board-row.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import { receiptOf } from "../append-leaf.ts";
import { type NamedSameCounts, namedSameCounts } from "../board/named-same-counts.ts";
import { ownBoard } from "../board/rank-editions.ts";
import { type StoredRow, boardRow, rowColumns, signerName } from "../board/stored-row.ts";
import type { Reader } from "../db.ts";
import { envelopeIn } from "../index/leaf-body.ts";
import { boards, entries, keyNames, leaves } from "../schema.ts";

/** Rows read at a time, without and with their envelopes, which divides it. */
const ROWS = 512;
const ENVELOPES = 16;

interface Numbered {
  row: BoardRow;
  leaf: number;
}

/**
 * Hidden ones as well: their state says so. Ranks are of a sorted column, so they have none.
 *
 * All of one moment, however slowly they are taken: what later statements change of a row is read at once, in one
 * statement, and kept; the rest never changes.
 */
export async function* boardRows(
  db: Reader,
  protocol: string,
  batch = ROWS,
): AsyncGenerator<Numbered[]> {
  const moment = await boardMoment(db, protocol);
  for (let start = 0; start < moment.size; start += batch) {
    const end = Math.min(moment.size, start + batch);
    const changing = await moment.between(start, end);
    const fixed = await fixedRows(db, protocol, start, end);
    yield fixed.map(({ leaf, ...row }, i) => {
      const stored = { ...row, ...changing[i]! };
      return { row: boardRow(stored, null, moment.sameCounts(row.id)), leaf };
    });
  }
}

/** What later statements change of a row. */
type Changing = Pick<
  StoredRow,
  "name" | "standing" | "operatorNotes" | "representative" | "representativeId"
>;

interface BoardMoment {
  /** Entries. */
  size: number;
  /** Of the entries with these numbers, whose batches divide `ROWS`. */
  between(start: number, end: number): Promise<Changing[]>;
  /** Of the few entries whose counts are another's, by id. */
  sameCounts(id: string): NamedSameCounts | null;
}

/** In gzip: rows are much alike, and a client that reads slowly keeps them here as long as it likes. */
async function boardMoment(db: Reader, protocol: string): Promise<BoardMoment> {
  const { id, name, standing, operatorNotes, representative, representativeId } = rowColumns;
  const rows = await db
    .select({ id, name, standing, operatorNotes, representative, representativeId })
    .from(entries)
    .innerJoin(boards, ownBoard)
    .leftJoin(keyNames, signerName)
    .where(and(eq(entries.protocol, protocol), lt(entries.number, boards.entries)))
    .orderBy(asc(entries.number));
  const sameCounts = await namedSameCounts(db, rows);
  const size = rows.length;
  const groups: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < size; start += ROWS)
    groups.push(await packed(rows.slice(start, start + ROWS).map(({ id: _, ...row }) => row)));
  let open: { group: number; rows: Changing[] } | null = null;
  return {
    size,
    sameCounts,
    async between(start, end) {
      const group = Math.floor(start / ROWS);
      if (open?.group !== group) open = { group, rows: await unpacked(groups[group]!) };
      return open.rows.slice(start - group * ROWS, end - group * ROWS);
    },
  };
}

async function packed(rows: readonly Changing[]): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([JSON.stringify(rows)]).stream();
  return new Response(stream.pipeThrough(new CompressionStream("gzip"))).bytes();
}

async function unpacked(group: Uint8Array<ArrayBuffer>): Promise<Changing[]> {
  const stream = new Blob([group]).stream();
  const text = new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
  return JSON.parse(await text) as Changing[];
}

function fixedRows(db: Reader, protocol: string, start: number, end: number) {
  const { id, key, number, fixed } = rowColumns;
  return db
    .select({ id, key, number, fixed, leaf: entries.leaf })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), gte(entries.number, start), lt(entries.number, end)))
    .orderBy(asc(entries.number));
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
