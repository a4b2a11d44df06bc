/** @file What operators decided, and what they noted. */

import { type SQL, asc, inArray } from "drizzle-orm";
import type { Note } from "../../record/board/board-row.ts";
import type { Reader } from "../db.ts";
import { moderations } from "../schema.ts";

export interface Decisions {
  /** The reason, while the latest decision is to quarantine. */
  quarantine: string | null;
  /** Oldest first. */
  notes: Note[];
}

/** @param subjects ids. */
export function decisionsOn(
  db: Reader,
  subjects: readonly string[],
): Promise<(subject: string) => Decisions> {
  return decisionsWhere(db, inArray(moderations.subject, [...subjects]));
}

/** @param where which decisions: all those on a subject, or none. */
export async function decisionsWhere(
  db: Reader,
  where: SQL,
): Promise<(subject: string) => Decisions> {
  const { subject, action, reason } = moderations;
  const rows = await db
    .select({ subject, action, reason })
    .from(moderations)
    .where(where)
    .orderBy(asc(moderations.leaf));
  const bySubject = Map.groupBy(rows, (row) => row.subject);
  return (id) => decisionsIn(bySubject.get(id) ?? []);
}

type Row = Pick<typeof moderations.$inferSelect, "action" | "reason">;

function decisionsIn(rows: readonly Row[]): Decisions {
  const last = rows.findLast(({ action }) => action === "quarantine" || action === "unquarantine");
  return {
    quarantine: last?.action === "quarantine" ? last.reason : null,
    notes: rows
      .filter(({ action }) => action === "note")
      .map(({ reason }) => ({ kind: "operator", text: reason, entry: null })),
  };
}
