/** @file What later statements changed on the rows of some configurations. */

import { and, asc, eq } from "drizzle-orm";
import { HIDDEN_STATES, type State } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import type { BoardChange } from "../index/board-change.ts";
import { operatorNotesOf } from "../index/operator-notes-of.ts";
import { standingOf } from "../index/standing-of.ts";
import { entries } from "../schema.ts";

/** Of a row, as stored. */
export interface RefreshedRow {
  id: string;
  protocol: string;
  number: number;
  state: State;
  standing: string;
  operatorNotes: string;
  /** Did it come out of hiding, or go into it? */
  isMoved: boolean;
}

export function isHidden(state: State): boolean {
  return (HIDDEN_STATES as readonly State[]).includes(state);
}

/** Those alone that differ from what is stored. */
export async function refreshedRows(
  db: Reader,
  { protocol, arch, regs }: BoardChange,
): Promise<RefreshedRow[]> {
  const { id, number, state, standing, operatorNotes } = entries;
  const stored = await db
    .select({ id, number, state, standing, operatorNotes })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), eq(entries.arch, arch), eq(entries.regs, regs)))
    .orderBy(asc(entries.number));
  const refreshed: RefreshedRow[] = [];
  for (const row of stored) {
    const now = await standingOf(db, row.id);
    const next = {
      state: now.state,
      standing: JSON.stringify(now),
      operatorNotes: JSON.stringify(await operatorNotesOf(db, row.id)),
    };
    const isSame = next.standing === row.standing && next.operatorNotes === row.operatorNotes;
    const isMoved = isHidden(now.state) !== isHidden(row.state);
    if (!isSame) refreshed.push({ ...row, protocol, ...next, isMoved });
  }
  return refreshed;
}
