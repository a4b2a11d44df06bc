/** @file What the operator publishes on an entry. */

import { and, asc, eq } from "drizzle-orm";
import type { Note } from "../../record/board/note.ts";
import type { Reader } from "../db.ts";
import { moderations } from "../schema.ts";

/** Oldest first. */
export async function operatorNotesOf(db: Reader, entryId: string): Promise<Note[]> {
  const rows = await db
    .select({ reason: moderations.reason })
    .from(moderations)
    .where(and(eq(moderations.subject, entryId), eq(moderations.action, "note")))
    .orderBy(asc(moderations.leaf));
  return rows.map(({ reason }) => ({ kind: "operator", text: reason, entry: null }));
}
