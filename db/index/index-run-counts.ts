/** @file Remembers the counts of a result or reproduction, and whether they were listed otherwise before. */

import { eq, inArray, sql } from "drizzle-orm";
import type { Measurement } from "../../record/statement/statements.ts";
import type { Leaf } from "../append-leaf.ts";
import { type Transaction, rowsOf } from "../db.ts";
import { keys, runCounts } from "../schema.ts";
import { countedRuns } from "./counted-runs.ts";
import { isVoid } from "./is-void.ts";
import { noteClaimants } from "./note-claimants.ts";

/** @param leaf of the statement, whose runs have different counts. */
export async function indexRunCounts(
  tx: Transaction,
  leaf: Pick<Leaf, "digest" | "index" | "at" | "kind">,
  statement: Measurement,
): Promise<void> {
  const { protocol, arch, regs, challenge, key } = statement;
  const [signer] = await tx.select().from(keys).where(eq(keys.key, key));
  const rows = countedRuns(statement).map(({ run, part, digest }) => {
    const isOwnPanel = leaf.kind === "result" || part === "fresh";
    return {
      ...{ digest, statement: leaf.digest, protocol, arch, regs, seed: run.seed },
      leaf: leaf.index,
      challenged: challenge !== null && isOwnPanel,
      stands: signer !== undefined && !isVoid(signer, leaf.at),
      contested: false,
    };
  });
  if (rows.length === 0) return;
  const contested = await contestedDigests(tx, rows);
  await tx
    .insert(runCounts)
    .values(rows.map((row) => ({ ...row, contested: contested.has(row.digest) })));
  if (contested.size > 0) await noteClaimants(tx, sql`(${leaf.digest})`);
}

type Listed = Pick<
  typeof runCounts.$inferSelect,
  "digest" | "protocol" | "arch" | "regs" | "seed" | "contested"
>;

/**
 * Digests that stand under another protocol, configuration or seed already. Of a digest all rows are contested or
 * none, in which case all were listed alike: one of them tells, however many there are.
 */
async function contestedDigests(tx: Transaction, rows: readonly Listed[]): Promise<Set<string>> {
  const digests = JSON.stringify(rows.map(({ digest }) => digest));
  const earlier = rowsOf<Omit<Listed, "seed"> & { seed: string | number }>(
    await tx.execute(sql`
      select one.* from json_array_elements_text(${digests}::json) as asked(digest)
      cross join lateral (
        select digest, protocol, arch, regs, seed, contested
        from ${runCounts} where ${runCounts.digest} = asked.digest limit 1
      ) one`),
  );
  const met = new Map(earlier.map((row) => [row.digest, row]));
  const isContested = (row: Listed) => {
    const other = met.get(row.digest);
    return other !== undefined && (other.contested || placeOf(other) !== placeOf(row));
  };
  const contested = rows.filter(isContested).map(({ digest }) => digest);
  const newly = contested.filter((digest) => !met.get(digest)!.contested);
  if (newly.length > 0)
    await tx.update(runCounts).set({ contested: true }).where(inArray(runCounts.digest, newly));
  return new Set(contested);
}

/** What the counts were listed under. Canonical names hold no spaces. */
function placeOf({
  protocol,
  arch,
  regs,
  seed,
}: Record<"protocol" | "arch" | "regs", string> & { seed: string | number }): string {
  return [protocol, arch, regs, seed].join(" ");
}
