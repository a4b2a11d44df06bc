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
      ), claimed as materialized (
        select run.digest, to_jsonb(f) as first, coalesce(to_jsonb(c), to_jsonb(f)) as best
        from (select distinct digest from own) run
        cross join ${first(IS_CLAIM)} f
        left join ${first(IS_CHALLENGED_CLAIM)} c on true
      ), told as (
        select own.statement, own.protocol, own.arch, own.regs,
          (array_agg(first order by (first->>'leaf')::bigint) filter (where ${isOther(sql`first`)}))[1] as copy_of,
          (array_agg(best order by (best->>'leaf')::bigint) filter (where ${isOther(sql`best`)}))[1] as outclaimed_by
        from own join claimed using (digest)
        group by own.statement, own.protocol, own.arch, own.regs
      )
      select statement as entry, ${listing(sql`copy_of`)} as "copyOf",
        ${listing(sql`outclaimed_by`)} as "outclaimedBy"
      from told where copy_of is not null or outclaimed_by is not null`),
  );
  const byEntry = new Map(found.map(({ entry, ...counts }) => [entry, counts]));
  return (entry) => byEntry.get(entry) ?? { copyOf: null, outclaimedBy: null };
}

/** Listed under another protocol, configuration or seed than the entry's own run. */
function isOther(claim: SQL): SQL {
  return sql`(${claim}->>'protocol', ${claim}->>'arch', ${claim}->>'regs', (${claim}->>'seed')::bigint)
    <> (own.protocol, own.arch, own.regs, own.seed)`;
}

/** As JSON of an `OtherListing`. */
function listing(claim: SQL): SQL {
  const id = sql`told.${claim}->>'statement'`;
  const reproduced = sql`(select ${reproductions.entry} from ${reproductions} where ${reproductions.id} = ${id})`;
  const configuration = sql`(told.${claim}->>'protocol', told.${claim}->>'arch', told.${claim}->>'regs')`;
  return sql`case when told.${claim} is not null then json_build_object(
    'entry', coalesce(${reproduced}, ${id}),
    'isReproduction', ${reproduced} is not null,
    'isSameConfiguration', ${configuration} = (told.protocol, told.arch, told.regs)) end`;
}
