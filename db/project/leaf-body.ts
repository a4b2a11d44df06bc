/** @file What a leaf's bytes hold: a signed statement's envelope, or the server's own document. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { type SQL, and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import type { ChallengeOutcome } from "../../record/answers/documents.ts";
import { decodeBase64 } from "../../record/signature/base64.ts";
import type { Challenge } from "../../record/statement/challenge.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import type {
  Measurement,
  Result,
  Statement,
  StatementKind,
} from "../../record/statement/statements.ts";
import type { Leaf } from "../append-leaf.ts";
import { type Reader, type Transaction, rowsOf } from "../db.ts";
import { boardChanges, entries, isCustomRun, leaves, reproductions, runCounts } from "../schema.ts";
import { Digest, type Run } from "../../record/run.ts";
import { countsDigest } from "../../record/statement/run-problems.ts";

/** Body of a leaf of kind `challenge`: what was issued, and the commitment it answers. */
interface ChallengeBody {
  challenge: Challenge;
  envelope: Envelope;
}

/** Body of a leaf whose statement the server that was mirrored withholds: with its digest, the log is whole all the same. */
export const WithheldBody = z.strictObject({
  /** The statement that is quarantined: this one, or the entry that it reproduces. */
  withheld: Digest,
});
type WithheldBody = z.infer<typeof WithheldBody>;

/** Kinds of leaf that are statements; a commitment is inside its challenge. */
export type LoggedKind = Exclude<StatementKind, "commitment">;

type LeafBody = Envelope | ChallengeBody | ChallengeOutcome | WithheldBody;

export function bodyBytes(body: LeafBody): Uint8Array {
  return utf8ToBytes(JSON.stringify(body));
}

type Stored = Pick<Leaf, "body">;

/*
 * Bytes are stored only after they were parsed strictly and checked, so the readers below do not check them again.
 */

/** Null for a leaf whose bytes are here: nearly every one. */
export function withheldIn({ body }: Stored): string | null {
  if (body.length > MOST_WITHHELD_BYTES) return null;
  const read = parsed(body) as Partial<WithheldBody>;
  return read.withheld ?? null;
}

const MOST_WITHHELD_BYTES = 100;

/**
 * Does the log lack statements, as it was restored from a dump that withholds some? Then it does not tell which names
 * their sources have, and must not be continued.
 */
export async function lacksStatements(db: Reader): Promise<boolean> {
  const isGap = sql`octet_length(${leaves.body}) <= ${MOST_WITHHELD_BYTES}`;
  const kinds = inArray(leaves.kind, ["result", "reproduction"]);
  const found = await db
    .select({ index: leaves.index })
    .from(leaves)
    .where(and(kinds, isGap))
    .limit(1);
  return found.length > 0;
}

/** For every leaf but challenges and outcomes. */
export function envelopeIn({ body }: Stored): Envelope {
  return parsed(body) as Envelope;
}

export function challengeIn({ body }: Stored): ChallengeBody {
  return parsed(body) as ChallengeBody;
}

export function outcomeIn({ body }: Stored): ChallengeOutcome {
  return parsed(body) as ChallengeOutcome;
}

export function statementOf<Kind extends StatementKind>(
  kind: Kind,
  { payload }: Envelope,
): Statement<Kind> {
  const statement = parsed(decodeBase64(payload)!) as Statement<Kind>;
  return { ...(LATER_MEMBERS[kind]?.(statement as never) ?? {}), ...statement };
}

const NO_CODE = { regSource: null, customTaps: null };

/** Members that statements of earlier versions lack, as their schemas fill them in. */
const LATER_MEMBERS: {
  [Kind in StatementKind]?: (statement: Statement<Kind>) => Partial<Statement<Kind>>;
} = { commitment: () => NO_CODE, result: completed, reproduction: completed };

/** Changes the runs that are given, which nobody else holds. */
function completed({ panel, fresh }: Pick<Measurement, "panel" | "fresh">) {
  for (const run of [...panel, ...fresh]) {
    run.customTaps ??= null;
    run.measures ??= null;
    run.timing.measureSeconds ??= 0;
  }
  return { regSource: null };
}

export function statementIn<Kind extends LoggedKind>(kind: Kind, leaf: Stored): Statement<Kind> {
  return statementOf(kind, envelopeIn(leaf));
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Runs whose counts must be new. Panel seeds are public: there, equal counts are only noted on a result's row. */
export const BARRED = { result: ["fresh"], reproduction: ["panel", "fresh"] } as const;

/**
 * Under the same protocol, configuration and seed equal counts are expected, because runs on CPUs are bit-identical. If
 * they are listed so, as a reproduction's panel repeats its entry's, it does not matter who else lists them.
 *
 * @param parts which runs of the statement are checked.
 * @returns each copied run with the id of a standing statement that has its counts.
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

/** A run of a statement with the digest of its counts, which no two runs share by chance. */
interface CountedRun {
  run: Run;
  part: "panel" | "fresh";
  /** RFC 6901, into the statement. */
  pointer: string;
  digest: string;
}

/** Diverged runs are left out: they may be equal. */
export function countedRuns({ panel, fresh }: Pick<Measurement, "panel" | "fresh">): CountedRun[] {
  const runs = [
    ...panel.map((run, i) => ({ run, part: "panel" as const, pointer: `/panel/${i}` })),
    ...fresh.map((run, i) => ({ run, part: "fresh" as const, pointer: `/fresh/${i}` })),
  ];
  return runs.flatMap((each) => {
    const digest = countsDigest(each.run);
    return digest === null ? [] : [{ ...each, digest }];
  });
}

/**
 * For each contested run, notes the configurations of the first claim and of the first with a challenge, apart from
 * these statements: whether these stand or not, the counts of every other row belong to another claimant, before and
 * after. So for a run that was copied ten thousand times two configurations are refreshed, not ten thousand.
 *
 * @param statements those whose standing changes, for `in`; the caller notes their own configurations.
 */
export async function noteClaimants(tx: Transaction, statements: SQL): Promise<void> {
  const { digest, statement, contested } = runCounts;
  const first = (which: SQL) => sql`(
    select protocol, arch, regs from ${runCounts}
    where ${digest} = run.digest and ${which} and ${statement} not in ${statements}
    order by ${CLAIM_ORDER} limit 1)`;
  await tx.execute(sql`
    insert into ${boardChanges} (protocol, arch, regs)
    select distinct claimant.protocol, claimant.arch, claimant.regs
    from (select distinct digest from ${runCounts} where ${contested} and ${statement} in ${statements}) run
    cross join lateral (${first(IS_CLAIM)} union all ${first(IS_CHALLENGED_CLAIM)}) claimant`);
}

/** As in the indexes. */
const IS_CLAIM = sql`${runCounts.contested} and ${runCounts.stands}`;

const IS_CHALLENGED_CLAIM = sql`${IS_CLAIM} and ${runCounts.challenged}`;

/**
 * As in the indexes. Custom code comes last: a regularizer of somebody's own that adds nothing has the counts of
 * `none`, honestly, and must not take rank or weight from it.
 */
const CLAIM_ORDER = sql`${isCustomRun}, ${runCounts.leaf}`;

/** Another entry that lists the same counts, itself or in a reproduction of it. */
export interface OtherListing {
  entry: string;
  isReproduction: boolean;
  /** Whether it is the same protocol and configuration, under another seed. */
  isSameConfiguration: boolean;
}

export interface SameCounts {
  /** The first statement that lists them, if it lists them otherwise: a copy has no weight. Custom code comes last. */
  copyOf: OtherListing | null;
  /** The one with the better claim: built-in before custom code, a completed challenge before none, the first in the log. */
  outclaimedBy: OtherListing | null;
}

/**
 * For entries that stand: a statement that does not stand claims nothing, and outclaims nobody.
 *
 * @param where which runs; either all runs of an entry or none.
 */
export async function sameCountsOf(db: Reader, where: SQL): Promise<(entry: string) => SameCounts> {
  const { digest } = runCounts;
  const first = (which: SQL) => sql`lateral (
    select *, ${isCustomRun} as custom from ${runCounts}
    where ${digest} = run.digest and ${which} order by ${CLAIM_ORDER} limit 1)`;
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
        select distinct on (digest) * from (
          select * from earliest union all select * from challenged
        ) claim order by digest, custom, challenged desc
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

/** JSON of an `OtherListing`. */
function listing(claim: SQL): SQL {
  return sql`case when ${claim}.leaf is not null then json_build_object(
    'entry', ${claim}.entry,
    'isReproduction', ${claim}.reproduces,
    'isSameConfiguration', (${claim}.protocol, ${claim}.arch, ${claim}.regs) = (told.protocol, told.arch, told.regs)) end`;
}

/** Null when the id is not that of an entry. */
export async function storedResult(
  db: Reader,
  id: string,
): Promise<{ id: string; result: Result } | null> {
  const [stored] = await db
    .select({ body: leaves.body })
    .from(entries)
    .innerJoin(leaves, eq(leaves.index, entries.leaf))
    .where(eq(entries.id, id));
  return stored ? { id, result: statementIn("result", stored) } : null;
}
