/** @file Remembers the counts of a result or reproduction. */

import type { Measurement } from "../../record/statement/measurement.ts";
import type { Transaction } from "../db.ts";
import { runCounts } from "../schema.ts";
import { countedRuns } from "./counted-runs.ts";

/** @param id of the statement, whose runs have different counts. */
export async function indexRunCounts(
  tx: Transaction,
  id: string,
  statement: Measurement,
): Promise<void> {
  const { protocol, arch, regs } = statement;
  const rows = countedRuns(statement).map(({ run, digest }) => {
    return { digest, statement: id, protocol, arch, regs, seed: run.seed };
  });
  if (rows.length > 0) await tx.insert(runCounts).values(rows);
}
