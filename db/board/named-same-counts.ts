/** @file Which entry a row's counts are the same as: looked up whenever rows are read, of the few that need it. */

import { sql } from "drizzle-orm";
import type { Note } from "../../record/board/board-row.ts";
import type { SettledStanding } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { type OtherListing, sameCountsOf } from "../index/same-counts.ts";
import { runCounts } from "../schema.ts";

/** Of one row. */
export interface NamedSameCounts {
  sameCountsAs: string;
  /** On the later row alone. */
  note: Note | null;
}

/**
 * Of a run copied ten thousand times the first listing may end: then every copy names another, and no row is stored
 * anew.
 *
 * @param rows as stored.
 */
export async function namedSameCounts(
  db: Reader,
  rows: readonly { id: string; standing: string }[],
): Promise<(id: string) => NamedSameCounts | null> {
  const concerned = rows.filter(hasSameCounts).map(({ id }) => id);
  if (concerned.length === 0) return () => null;
  const ids = sql`(select json_array_elements_text(${JSON.stringify(concerned)}::json))`;
  const sameCounts = await sameCountsOf(db, sql`${runCounts.statement} in ${ids}`);
  const isConcerned = new Set(concerned);
  return (id) => {
    const { copyOf, outclaimedBy } = sameCounts(id);
    const other = copyOf ?? outclaimedBy;
    if (other === null || !isConcerned.has(id)) return null;
    return { sameCountsAs: other.entry, note: copyOf && sameCountsNote(copyOf) };
  };
}

/** Nearly no row: most are not parsed for it. */
function hasSameCounts({ standing }: { standing: string }): boolean {
  if (!/"weighs":false|"same-counts"/.test(standing)) return false;
  const { weighs, disputedFor } = JSON.parse(standing) as SettledStanding;
  return !weighs || disputedFor.includes("same-counts");
}

function sameCountsNote({ entry, isReproduction, isSameConfiguration }: OtherListing): Note {
  const whose = isReproduction ? `a reproduction of ${entry}` : entry;
  const where = isSameConfiguration ? "another configuration or seed" : "another configuration";
  return { kind: "same-counts", text: `the same counts as ${whose}, listed under ${where}`, entry };
}
