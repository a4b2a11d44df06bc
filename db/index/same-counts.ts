/** @file Entries whose runs have the counts of others, listed under another protocol, configuration or seed. */

import { sql, type SQL } from "drizzle-orm";
import { rowsOf, type Reader } from "../db.ts";
import { reproductions, runCounts } from "../schema.ts";
import { IS_CHALLENGED_CLAIM, IS_CLAIM } from "./note-claimants.ts";

/** An entry, or one whose reproduction it is. */
export interface OtherListing {
  entry: string;
  isReproduction: boolean;
  /** Under another seed of the same protocol and configuration? */
  isSameConfiguration: boolean;
}

export interface SameCounts {
  /** The first statement in the log that lists them otherwise, where one before this entry does: a copy weighs nothing. */
  copyOf: OtherListing | null;
  /** Whose claim is better: a challenge completed before none, of those the first in the log. */
  outclaimedBy: OtherListing | null;
}

/**
 * Of entries that stand: whatever does not claims nothing, and outclaims nobody.
 *
 * @param where which runs, all of an entry's or none.
 */
export async function sameCountsOf(db: Reader, where: SQL): Promise<(entry: string) => SameCounts> {
  const { digest, leaf } = runCounts;
  const first = (which: SQL) => sql`lateral (
    select * from ${runCounts} where ${digest} = run.digest and ${which} order by ${leaf} limit 1)`;
  const found = rowsOf<SameCounts & { entry: string }>(
    await db.execute(sql`
      with own as materialized (
        select * from ${runCounts} where ${where} and ${IS_CLAIM}
      ), run as materialized (
        select distinct digest from own
      ), earliest as materialized (
        select claim.* from run cross join ${first(IS_CLAIM)} claim
      ), challenged as materialized (
        select claim.* from run cross join ${first(IS_CHALLENGED_CLAIM)} claim
      ), best as materialized (
        select * from challenged
        union all select * from earliest where digest not in (select digest from challenged)
      ), told as (
        select own.statement, own.protocol, own.arch, own.regs,
          min(earliest.leaf) filter (where ${isOther(sql`earliest`)}) as copy_of,
          min(best.leaf) filter (where ${isOther(sql`best`)}) as outclaimed_by
        from own join earliest using (digest) join best using (digest)
        group by own.statement, own.protocol, own.arch, own.regs
      ), named as materialized (
        select distinct claim.leaf, claim.protocol, claim.arch, claim.regs,
          coalesce(${reproductions.entry}, claim.statement) as entry, ${reproductions.id} is not null as reproduces
        from (select * from earliest union all select * from best) claim
        left join ${reproductions} on ${reproductions.id} = claim.statement
      )
      select told.statement as entry, ${listing(sql`first`)} as "copyOf", ${listing(sql`better`)} as "outclaimedBy"
      from told left join named first on first.leaf = copy_of left join named better on better.leaf = outclaimed_by
      where copy_of is not null or outclaimed_by is not null`),
  );
  const byEntry = new Map(found.map(({ entry, ...counts }) => [entry, counts]));
  return (entry) => byEntry.get(entry) ?? { copyOf: null, outclaimedBy: null };
}

/** Listed under another protocol, configuration or seed than the entry's own run. */
function isOther(claim: SQL): SQL {
  return sql`(${claim}.protocol, ${claim}.arch, ${claim}.regs, ${claim}.seed)
    <> (own.protocol, own.arch, own.regs, own.seed)`;
}

/** As JSON of an `OtherListing`. */
function listing(claim: SQL): SQL {
  return sql`case when ${claim}.leaf is not null then json_build_object(
    'entry', ${claim}.entry,
    'isReproduction', ${claim}.reproduces,
    'isSameConfiguration', (${claim}.protocol, ${claim}.arch, ${claim}.regs) = (told.protocol, told.arch, told.regs)) end`;
}
