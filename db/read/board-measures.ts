/** @file The board of measures, from what was measured of each entry when it came. */

import { and, asc, eq, lt, notInArray } from "drizzle-orm";
import { HIDDEN_STATES } from "../../record/board/standing.ts";
import type { MeasuresDocument } from "../../record/documents/measures-document.ts";
import type { MeasuredEntry } from "../../record/measures/entry-measures.ts";
import { measureScores } from "../../record/measures/measure-scores.ts";
import type { Protocol } from "../../record/protocol.ts";
import { breath } from "../breath.ts";
import { readBoard } from "../board/read-board.ts";
import type { Reader } from "../db.ts";
import { entries } from "../schema.ts";

/** Entries in the order they came, hidden ones left out. */
export async function boardMeasures(
  db: Reader,
  { id: protocol, document }: { id: string; document: Protocol },
): Promise<MeasuresDocument> {
  const board = await readBoard(db, protocol);
  const { id, arch, regs, measured } = entries;
  const rows = await db
    .select({ id, arch, regs, measured })
    .from(entries)
    .where(
      and(
        eq(entries.protocol, protocol),
        lt(entries.number, board.entries),
        notInArray(entries.state, [...HIDDEN_STATES]),
      ),
    )
    .orderBy(asc(entries.number));
  const measuredEntries = rows.map(({ id, arch, regs, measured }): MeasuredEntry => {
    const numbers = JSON.parse(measured) as Pick<MeasuredEntry, "gap" | "measures">;
    return { entry: id, arch, regs, ...numbers };
  });
  return {
    protocol: { id: protocol, name: document.name },
    entries: rows.length,
    measures: await measureScores(measuredEntries, breath),
  };
}
