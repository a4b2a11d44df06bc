/** @file Runs whose counts stand elsewhere already: only a copy brings them to another seed or configuration. */

import { sql } from "drizzle-orm";
import type { Measurement } from "../../record/statement/statements.ts";
import { type Reader, rowsOf } from "../db.ts";
import { runCounts } from "../schema.ts";
import { type CountedRun, countedRuns } from "./counted-runs.ts";

/** Panel seeds are public: equal counts there bar no result, they are noted on its row (`same-counts.ts`). */
export const BARRED = { result: ["fresh"], reproduction: ["panel", "fresh"] } as const;

/**
 * Under the same protocol, configuration and seed equal counts are expected, as runs on CPUs are bit-identical: where
 * they stand so as well, as a reproduction's panel does beside its entry's, it matters not who else lists them.
 *
 * @param parts which runs of the statement are looked at.
 * @returns each copied run with the id of a statement that has its counts, and stands.
 */
export async function copiedRuns(
  db: Reader,
  statement: Measurement,
  parts: readonly CountedRun["part"][],
): Promise<(CountedRun & { original: string })[]> {
  const runs = countedRuns(statement).filter(({ part }) => parts.includes(part));
  if (runs.length === 0) return [];
  const asked = JSON.stringify(runs.map(({ digest, run }) => ({ digest, seed: run.seed })));
  const { protocol, arch, regs } = statement;
  const own = sql`(${protocol}::text, ${arch}::text, ${regs}::text, asked.seed)`;
  const listed = sql`(${runCounts.protocol}, ${runCounts.arch}, ${runCounts.regs}, ${runCounts.seed})`;
  const standing = sql`${runCounts.digest} = asked.digest and ${runCounts.stands}`;
  const found = rowsOf<{ digest: string; original: string }>(
    await db.execute(sql`
      select asked.digest, original.statement as original
      from json_to_recordset(${asked}::json) as asked(digest text, seed bigint)
      cross join lateral (
        select ${runCounts.statement} from ${runCounts} where ${standing} and ${listed} <> ${own} limit 1
      ) original
      where not exists (select from ${runCounts} where ${standing} and ${listed} = ${own})`),
  );
  const originals = new Map(found.map(({ digest, original }) => [digest, original]));
  return runs.flatMap((run) => {
    const original = originals.get(run.digest);
    return original === undefined ? [] : [{ ...run, original }];
  });
}
