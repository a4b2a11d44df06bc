/** @file Runs whose counts stand elsewhere already: only a copy brings them to another seed or configuration. */

import { and, eq, not, or } from "drizzle-orm";
import type { Measurement } from "../../record/statement/measurement.ts";
import type { Reader } from "../db.ts";
import { runCounts } from "../schema.ts";
import { countedRuns, type CountedRun } from "./counted-runs.ts";

/**
 * Under the same protocol, configuration and seed equal counts are expected, as runs on CPUs are bit-identical.
 *
 * @returns each copied run with the id of a statement that has its counts.
 */
export async function copiedRuns(
  db: Reader,
  statement: Measurement,
): Promise<(CountedRun & { original: string })[]> {
  const runs = countedRuns(statement);
  if (runs.length === 0) return [];
  const foreign = await db
    .select({ digest: runCounts.digest, statement: runCounts.statement })
    .from(runCounts)
    .where(or(...runs.map((run) => isForeign(statement, run))));
  return runs.flatMap((run) => {
    const row = foreign.find(({ digest }) => digest === run.digest);
    return row ? [{ ...run, original: row.statement }] : [];
  });
}

function isForeign({ protocol, arch, regs }: Measurement, { digest, run }: CountedRun) {
  const isExpected = and(
    eq(runCounts.protocol, protocol),
    eq(runCounts.arch, arch),
    eq(runCounts.regs, regs),
    eq(runCounts.seed, run.seed),
  )!;
  return and(eq(runCounts.digest, digest), not(isExpected));
}
