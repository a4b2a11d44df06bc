/** @file Notes on a new entry that need the entries before it. */

import { and, asc, count, desc, eq, inArray, sql } from "drizzle-orm";
import type { Note } from "../../record/board/board-row.ts";
import { isNearDuplicate } from "../../record/board/notes.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { Result } from "../../record/statement/statements.ts";
import type { Transaction } from "../db.ts";
import { entries, runCounts } from "../schema.ts";
import { countedRuns } from "./counted-runs.ts";
import { keysOfHolder } from "./same-holder.ts";

/** Called before the entry itself is indexed. */
export async function entryNotes(tx: Transaction, result: Result): Promise<Note[]> {
  const notes = [await bitIdenticalNote(tx, result), await nearDuplicateNote(tx, result)];
  return notes.filter((note) => note !== null);
}

/**
 * The earliest entry of the configuration whose completed panel runs have the same counts. Under another one they
 * are no expected twin (`same-counts.ts`).
 */
async function bitIdenticalNote(tx: Transaction, result: Result): Promise<Note | null> {
  const { protocol, arch, regs, panel } = result;
  const runs = countedRuns({ panel, fresh: [] });
  if (runs.length === 0) return null;
  const own = JSON.stringify(runs.map(({ digest, run }) => ({ digest, seed: run.seed })));
  const listed = sql`(select * from json_to_recordset(${own}::json) as own(digest text, seed bigint))`;
  const [same] = await tx
    .select({ id: entries.id })
    .from(runCounts)
    .innerJoin(entries, eq(entries.id, runCounts.statement))
    .where(
      and(
        eq(runCounts.protocol, protocol),
        eq(runCounts.arch, arch),
        eq(runCounts.regs, regs),
        sql`(${runCounts.digest}, ${runCounts.seed}) in ${listed}`,
      ),
    )
    .groupBy(entries.id, entries.leaf)
    .having(eq(count(), runs.length))
    .orderBy(asc(entries.leaf))
    .limit(1);
  if (!same) return null;
  const text = `Bit-identical to entry ${same.id}: the panel's runs have the same counts.`;
  return { kind: "bit-identical", text, entry: same.id };
}

/** Of one holder and architecture; enough to see a search, and bounded for those with thousands of entries. */
const ENTRIES_LOOKED_AT = 100;

/** The latest of the key's holder that differs by next to nothing. */
async function nearDuplicateNote(tx: Transaction, result: Result): Promise<Note | null> {
  const isOfConfiguration = (["protocol", "arch"] as const).map((name) =>
    eq(entries[name], result[name]),
  );
  const own = await tx
    .select({ id: entries.id, arch: entries.arch, regs: entries.regs })
    .from(entries)
    .where(and(inArray(entries.key, keysOfHolder(tx, result.key)), ...isOfConfiguration))
    .orderBy(desc(entries.leaf))
    .limit(ENTRIES_LOOKED_AT);
  const protocol = findProtocol(result.protocol);
  const near = own.find((earlier) => isNearDuplicate(result, earlier, protocol));
  if (!near) return null;
  const text = `Next to nothing differs from ${near.arch} ${near.regs}, an entry of the same holder.`;
  return { kind: "near-duplicate", text, entry: near.id };
}
