/** @file The board of measures, from what was measured of each entry when it came. */

import { and, asc, eq, gte, lt } from "drizzle-orm";
import { STATES } from "../../../record/board/standing.ts";
import { isHiddenState } from "../../../record/board/states.ts";
import type { MeasuresDocument } from "../../../record/documents/entry-document.ts";
import type { Protocol } from "../../../record/protocols.ts";
import { breath } from "../../breath.ts";
import type { Reader } from "../../db.ts";
import { entries } from "../../schema.ts";
import type { Computing, MeasuredRow } from "../computing.ts";
import { countIn } from "../board-counts.ts";
import { readBoard } from "../read-board.ts";

/** Read at a time: few, as PGlite answers nobody else meanwhile. */
const BATCH = 500;

export async function boardMeasures(
  db: Reader,
  { id: protocol, document }: { id: string; document: Protocol },
  { score }: Pick<Computing, "score">,
): Promise<MeasuresDocument> {
  const { entries: size, counts } = await readBoard(db, protocol);
  const rows: MeasuredRow[] = [];
  for (let from = 0; from < size; from += BATCH) {
    if (from > 0) await breath();
    rows.push(...(await countedRows(db, protocol, from, Math.min(size, from + BATCH))));
  }
  return {
    protocol: { id: protocol, name: document.name },
    entries: countIn(counts, SHOWN),
    configurations: rows.length,
    measures: await score(rows),
  };
}

const SHOWN = STATES.filter((state) => !isHiddenState(state));

/** One for each configuration, in the order they came. */
function countedRows(
  db: Reader,
  protocol: string,
  from: number,
  to: number,
): Promise<MeasuredRow[]> {
  const { id, arch, regs, measured, number } = entries;
  return db
    .select({ id, arch, regs, measured })
    .from(entries)
    .where(
      and(
        eq(entries.protocol, protocol),
        gte(number, from),
        lt(number, to),
        eq(entries.representative, number),
      ),
    )
    .orderBy(asc(number));
}
