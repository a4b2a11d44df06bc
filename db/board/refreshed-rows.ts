/** @file What later statements changed on the rows of some configurations. */

import { asc } from "drizzle-orm";
import type { State } from "../../record/board/standing.ts";
import type { Device } from "../../record/datasets.ts";
import type { Reader } from "../db.ts";
import { type ConfigurationName, among } from "../index/configurations.ts";
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
  /** Number of the entry that stands for its configuration; null where it is hidden. */
  representative: number | null;
  /** Does another entry stand for it from now on, or none? Then ranks are others, too. */
  isRankMoved: boolean;
}

/** Those alone that differ from what is stored. */
export async function refreshedRows(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<RefreshedRow[]> {
  const { id, number, device, state, standing, operatorNotes, representative } = entries;
  const stored = await db
    .select({ id, number, device, state, standing, operatorNotes, representative })
    .from(entries)
    .where(among(entries, protocol, configurations))
    .orderBy(asc(entries.number));
  const told = await standingsOf(db, protocol, configurations);
  const numbers = new Map(stored.map((row) => [row.id, row.number]));
  return stored.flatMap((row) => {
    const now = told.get(row.id)!;
    const next = {
      state: now.standing.state,
      standing: JSON.stringify(now.standing),
      operatorNotes: JSON.stringify(now.operatorNotes),
      representative: now.representative === null ? null : numbers.get(now.representative)!,
    };
    const isRankMoved = next.representative !== row.representative;
    const isTold = next.standing === row.standing && next.operatorNotes === row.operatorNotes;
    if (isTold && !isRankMoved) return [];
    return [{ ...row, ...next, earlier: row.state, isRankMoved }];
  });
}
