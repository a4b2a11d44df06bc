/** @file How much was said of an entry, shown in its document or not. */

import { eq } from "drizzle-orm";
import type { ChallengeDocument, EntryDocument } from "../../record/documents/entry-document.ts";
import type { Reader } from "../db.ts";
import { entries, moderations, reproductions, retractions } from "../schema.ts";
import type { FoundRow } from "./find-rows.ts";

/** Counted along indexes. */
export async function entryTotals(
  db: Reader,
  { row }: FoundRow,
  challenge: ChallengeDocument | null,
): Promise<EntryDocument["totals"]> {
  const { entry, standing } = row;
  const [counted] = await db
    .select({
      reproductions: db.$count(reproductions, eq(reproductions.entry, entry)),
      retractions: db.$count(retractions, eq(retractions.entry, entry)),
      moderations: db.$count(moderations, eq(moderations.entry, entry)),
    })
    .from(entries)
    .where(eq(entries.id, entry));
  const came = challenge === null ? 1 : 2;
  const replaced = standing.supersededBy === null ? 0 : 1;
  const events = came + replaced + Object.values(counted!).reduce((sum, each) => sum + each, 0);
  return { reproductions: counted!.reproductions, events };
}
