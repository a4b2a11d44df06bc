/** @file Whose rows change when counts are listed under another configuration, or a statement that lists them ends. */

import { sql, type SQL } from "drizzle-orm";
import type { Transaction } from "../db.ts";
import { boardChanges, runCounts } from "../schema.ts";

/**
 * Of each contested run the configurations of the first claim and of the first with a challenge, these statements
 * left out: whether they stand or not, every other row's counts are some other claimant's before and after. So a run
 * that was copied ten thousand times has two configurations told anew, not ten thousand.
 *
 * @param statements whose standing changes, for `in`; their own configurations are noted by the caller.
 */
export async function noteClaimants(tx: Transaction, statements: SQL): Promise<void> {
  const { digest, statement, contested, leaf } = runCounts;
  const first = (which: SQL) => sql`(
    select protocol, arch, regs from ${runCounts}
    where ${digest} = run.digest and ${which} and ${statement} not in ${statements}
    order by ${leaf} limit 1)`;
  await tx.execute(sql`
    insert into ${boardChanges} (protocol, arch, regs)
    select distinct claimant.protocol, claimant.arch, claimant.regs
    from (select distinct digest from ${runCounts} where ${contested} and ${statement} in ${statements}) run
    cross join lateral (${first(IS_CLAIM)} union all ${first(IS_CHALLENGED_CLAIM)}) claimant`);
}

/** As the indexes say it. */
export const IS_CLAIM = sql`${runCounts.contested} and ${runCounts.stands}`;
export const IS_CHALLENGED_CLAIM = sql`${IS_CLAIM} and ${runCounts.challenged}`;
