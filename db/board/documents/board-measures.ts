/** @file The board of measures, from what was measured of each entry when it came. */

import { and, asc, eq, gte, lt, notInArray } from "drizzle-orm";
import { HIDDEN_STATES } from "../../../record/board/standing.ts";
import type { MeasuresDocument } from "../../../record/documents/measures-document.ts";
import type { MeasuredEntry } from "../../../record/measures/entry-measures.ts";
import { measureScores } from "../../../record/measures/measure-scores.ts";
import type { Protocol } from "../../../record/protocol.ts";
import { breath } from "../../breath.ts";
import { readBoard } from "../read-board.ts";
import type { Reader } from "../../db.ts";
import { entries } from "../../schema.ts";

/** Read at a time: few, as PGlite answers nobody else meanwhile. */
const BATCH = 500;

export async function boardMeasures(
  db: Reader,
  { id: protocol, document }: { id: string; document: Protocol },
): Promise<MeasuresDocument> {
  const { entries: size } = await readBoard(db, protocol);
  const shown: MeasuredEntry[] = [];
  for (let from = 0; from < size; from += BATCH) {
    if (from > 0) await breath();
    shown.push(...(await shownEntries(db, protocol, from, Math.min(size, from + BATCH))));
  }
  return {
    protocol: { id: protocol, name: document.name },
    entries: shown.length,
    measures: await measureScores(shown, breath),
  };
}

/** In the order they came, hidden ones left out. */
async function shownEntries(db: Reader, protocol: string, from: number, to: number) {
  const { id, arch, regs, measured, number } = entries;
  const rows = await db
    .select({ id, arch, regs, measured })
    .from(entries)
    .where(
      and(
        eq(entries.protocol, protocol),
        gte(number, from),
        lt(number, to),
        notInArray(entries.state, [...HIDDEN_STATES]),
      ),
    )
    .orderBy(asc(number));
  return rows.map(({ id, arch, regs, measured }): MeasuredEntry => {
    const numbers = JSON.parse(measured) as Pick<MeasuredEntry, "gap" | "measures">;
    return { entry: id, arch, regs, ...numbers };
  });
}
