/** @file Statements whose bytes are withheld: they show source of custom code, and a quarantine is in force (trust.md section 2). */

import { and, asc, eq, inArray, lt } from "drizzle-orm";
import type { Leaf } from "../append-leaf.ts";
import type { Reader } from "../db.ts";
import { statementIn, withheldIn } from "../project/leaf-body.ts";
import { entries, hasCustomCode, moderations, reproductions } from "../schema.ts";

/** By id; each with the quarantined statement, which is itself or the entry that it reproduces, as both show one source. */
export type Withheld = ReadonlyMap<string, string>;

/**
 * Read anew whenever bytes are asked for: nothing of it is kept until a board's next refresh.
 *
 * @param entry id of the one that is asked about, itself or by a reproduction; null: all of them.
 * @param size of the log whose decisions count; all of them unless given.
 */
export async function withheldStatements(
  db: Reader,
  entry: string | null,
  size = Number.MAX_SAFE_INTEGER,
): Promise<Withheld> {
  const decisions = await db
    .select({
      subject: moderations.subject,
      action: moderations.action,
      entry: moderations.entry,
    })
    .from(moderations)
    .innerJoin(entries, eq(entries.id, moderations.entry))
    .where(
      and(
        lt(moderations.leaf, size),
        inArray(moderations.action, ["quarantine", "unquarantine"]),
        hasCustomCode,
        ...(entry === null ? [] : [eq(moderations.entry, entry)]),
      ),
    )
    .orderBy(asc(moderations.leaf));
  const last = new Map(decisions.map((decision) => [decision.subject, decision]));
  const standing = [...last.values()].filter(({ action }) => action === "quarantine");
  const withheld = new Map(standing.map(({ subject }) => [subject, subject]));
  const ofEntries = standing.flatMap(({ subject, entry }) => (subject === entry ? [entry] : []));
  for (const { id, entry } of await reproductionsOf(db, ofEntries)) withheld.set(id, entry);
  return withheld;
}

async function reproductionsOf(db: Reader, ids: readonly string[]) {
  if (ids.length === 0) return [];
  const { id, entry } = reproductions;
  return db
    .select({ id, entry })
    .from(reproductions)
    .where(inArray(entry, [...ids]));
}

/** Are the bytes of this leaf withheld, or not here because they were withheld where they come from? */
export async function isWithheld(db: Reader, leaf: Leaf): Promise<boolean> {
  if (withheldIn(leaf) !== null) return true;
  if (leaf.kind !== "result" && leaf.kind !== "reproduction") return false;
  const statement = statementIn(leaf.kind, leaf);
  if (statement.source === null && statement.regSource === null) return false;
  const entry = "entry" in statement ? statement.entry : leaf.digest;
  return (await withheldStatements(db, entry)).has(leaf.digest);
}
