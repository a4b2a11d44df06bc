/** @file What later statements changed on the rows of some configurations. */

import { asc } from "drizzle-orm";
import { HIDDEN_STATES, type State } from "../../record/board/standing.ts";
import type { Device } from "../../record/device.ts";
import type { Reader } from "../db.ts";
import { among, type ConfigurationName } from "../index/configurations.ts";
import { standingsOf } from "../index/standings.ts";
import { entries } from "../schema.ts";

/** Of a row, as stored. */
export interface RefreshedRow {
  id: string;
  number: number;
  device: Device;
  /** Until now. */
  earlier: State;
  state: State;
  standing: string;
  operatorNotes: string;
  /** Did it come out of hiding, or go into it? */
  isHidingChanged: boolean;
}

export function isHidden(state: State): boolean {
  return (HIDDEN_STATES as readonly State[]).includes(state);
}

/** Those alone that differ from what is stored. */
export async function refreshedRows(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<RefreshedRow[]> {
  const { id, number, device, state, standing, operatorNotes } = entries;
  const stored = await db
    .select({ id, number, device, state, standing, operatorNotes })
    .from(entries)
    .where(among(entries, protocol, configurations))
    .orderBy(asc(entries.number));
  const told = await standingsOf(db, protocol, configurations);
  return stored.flatMap((row) => {
    const now = told.get(row.id)!;
    const next = {
      state: now.standing.state,
      standing: JSON.stringify(now.standing),
      operatorNotes: JSON.stringify(now.operatorNotes),
    };
    if (next.standing === row.standing && next.operatorNotes === row.operatorNotes) return [];
    const isHidingChanged = isHidden(next.state) !== isHidden(row.state);
    return [{ ...row, ...next, earlier: row.state, isHidingChanged }];
  });
}
