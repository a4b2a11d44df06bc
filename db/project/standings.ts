/** @file Computes the standing of entries from the index tables, in a handful of queries however many there are. */

import { type SQL, and, asc, count, eq, inArray, min, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Note } from "../../record/board/board-row.ts";
import { type ListedEntry, representativeOf } from "../../record/board/representative.ts";
import {
  type Challenger,
  MOST_CHALLENGERS,
  type SettledStanding,
  type Standing,
  disputesOf,
  stateOf,
} from "../../record/board/standing.ts";
import { isHiddenState } from "../../record/board/states.ts";
import type { Reader } from "../db.ts";
import {
  challenges,
  entries,
  keys,
  moderations,
  reproductions,
  retractions,
  runCounts,
} from "../schema.ts";
import { type SameCounts, sameCountsOf } from "./leaf-body.ts";
import type { Verdict } from "../../record/statement/statements.ts";

export interface EntryStanding {
  standing: SettledStanding;
  operatorNotes: Note[];
  /** The entry that stands for its configuration in ranks and statistics; null where this one is hidden. */
  representative: string | null;
}

/** The standings of all entries of these configurations, by their ids. */
export async function standingsOf(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<Map<string, EntryStanding>> {
  const where = among(entries, protocol, configurations);
  const { retracted, decided } = await setAside(db, where);
  const sameCounts = await sameCountsOf(db, among(runCounts, protocol, configurations));
  const rows = (await entriesIn(db, where)).map((entry) => {
    const retraction = retracted.get(entry.id) ?? revocationReason(entry);
    const { notes, quarantine } = decided(entry.id);
    const stands = retraction === null && quarantine === null;
    return { ...entry, retraction, notes, quarantine, stands, ...sameCounts(entry.id) };
  });
  const successors = successorsIn(rows);
  const represented = representatives(rows, successors);
  const isAside = (id: string) => retracted.has(id) || decided(id).quarantine !== null;
  const reproduced = await reproductionTallies(db, where, isAside);
  const challenged = await challengeTallies(db, protocol, configurations);
  return new Map(
    rows.map((entry) => {
      const supersededBy = successors.get(entry.id) ?? null;
      const facts = { ...reproduced(entry.id), ...challenged(entry), supersededBy };
      const standing = standingFrom(entry, facts);
      const representative = isHiddenState(standing.state) ? null : represented(entry);
      return [entry.id, { standing, operatorNotes: entry.notes, representative }];
    }),
  );
}

/** The representative of each configuration; the rows must hold all entries of each. */
function representatives(
  rows: readonly (ConfigurationName &
    Omit<ListedEntry, "isChallenged" | "isSuperseded"> &
    EntryFacts)[],
  successors: ReadonlyMap<string, string>,
): (configuration: ConfigurationName) => string | null {
  const listed = rows.map((row) => {
    const stands = row.stands && row.copyOf === null;
    const isSuperseded = successors.has(row.id);
    return { ...row, stands, isChallenged: row.challenge !== null, isSuperseded };
  });
  const chosen = new Map(
    [...Map.groupBy(listed, placeOf)].map(([place, own]) => [place, representativeOf(own)]),
  );
  return (configuration) => chosen.get(placeOf(configuration)) ?? null;
}

/** What was retracted and what operators decided, among these entries and their reproductions. */
async function setAside(db: Reader, where: SQL) {
  const ids = db.select({ id: entries.id }).from(entries).where(where);
  return {
    retracted: await retractionReasons(db, inArray(retractions.entry, ids)),
    decided: await decisionsWhere(db, inArray(moderations.entry, ids)),
  };
}

interface EntryFacts extends SameCounts {
  challenge: string | null;
  retraction: string | null;
  quarantine: string | null;
}

type TallyFacts = Pick<
  SettledStanding,
  "reproductions" | "selfReproduced" | "challenges" | "challengers" | "supersededBy"
>;

function standingFrom(entry: EntryFacts, facts: TallyFacts): SettledStanding {
  const { challenge, retraction, quarantine, copyOf, outclaimedBy } = entry;
  const { reproductions, selfReproduced, challenges, challengers, supersededBy } = facts;
  const deciding = {
    isChallenged: challenge !== null,
    reproductions,
    supersededBy,
    isRetracted: retraction !== null,
    isQuarantined: quarantine !== null,
    isOutclaimed: outclaimedBy !== null,
  };
  return {
    state: stateOf(deciding),
    reproductions,
    selfReproduced,
    challenges,
    challengers,
    reason: quarantine ?? retraction,
    supersededBy,
    disputedFor: disputesOf(deciding),
    weighs: copyOf === null,
  };
}

/** In the order of the log. What replaces an entry has its configuration, so it is among them. */
function entriesIn(db: Reader, where: SQL) {
  const { id, arch, regs, challenge, supersedes, receivedAt } = entries;
  const { holder, revokedFrom, next } = keys;
  const signer = { revokedFrom, next };
  return db
    .select({ id, holder, arch, regs, challenge, supersedes, receivedAt, signer })
    .from(entries)
    .innerJoin(keys, eq(keys.key, entries.key))
    .where(where)
    .orderBy(asc(entries.leaf));
}

/** What came after its key's revocation counts as retracted. */
function revocationReason({
  signer,
  receivedAt,
}: Awaited<ReturnType<typeof entriesIn>>[number]): string | null {
  if (!isVoid(signer, receivedAt)) return null;
  return `The key was revoked from ${signer.revokedFrom!.toISOString()} on; this came later.`;
}

export interface ConfigurationName {
  arch: string;
  regs: string;
}

/** A key for maps: canonical names hold no spaces. */
function placeOf({ arch, regs }: ConfigurationName): string {
  return `${arch} ${regs}`;
}

/** Rows of these configurations of a protocol; found along the index by configuration. */
export function among(
  {
    protocol,
    arch,
    regs,
  }: Pick<typeof entries | typeof challenges | typeof runCounts, "protocol" | "arch" | "regs">,
  id: string,
  configurations: readonly ConfigurationName[],
): SQL {
  const names = JSON.stringify(
    configurations.map((each) => ({ arch: each.arch, regs: each.regs })),
  );
  const listed = sql`select arch, regs from json_to_recordset(${names}::json) as listed(arch text, regs text)`;
  return sql`(${protocol} = ${id} and (${arch}, ${regs}) in (${listed}))`;
}

/** A result, and the one it replaces. */
export interface Replacing {
  id: string;
  supersedes: string | null;
  /** Not retracted, void or quarantined. */
  stands: boolean;
}

/**
 * For each entry, the one that replaces it: the latest that names it and stands.
 *
 * An entry that does not stand replaces nothing: it is hidden itself, and if it also hid its predecessor, a holder who
 * retracts a mistake, or an operator who quarantines it, would remove the earlier result from the board as well. But
 * what replaced it replaces its predecessors, too.
 *
 * @param rows all results of a configuration, in the order of the log.
 */
export function successorsIn(rows: readonly Replacing[]): Map<string, string> {
  const successors = new Map<string, string>();
  for (const { id, supersedes, stands } of rows.toReversed()) {
    const successor = stands ? id : successors.get(id); // whatever replaces it came later
    if (supersedes === null || successor === undefined || successors.has(supersedes)) continue;
    successors.set(supersedes, successor);
  }
  return successors;
}

type ReproductionTally = Pick<Standing, "reproductions" | "selfReproduced">;

/**
 * Counts the latest standing verdict of each holder, under any of its keys; none received after its key's revocation.
 *
 * @param where which entries.
 * @param isAside whether the reproduction with this id is retracted or quarantined.
 */
async function reproductionTallies(
  db: Reader,
  where: SQL,
  isAside: (id: string) => boolean,
): Promise<(entry: string) => ReproductionTally> {
  const submitters = alias(keys, "submitters");
  const { id, entry, verdict, receivedAt } = reproductions;
  const rows = await db
    .select({
      ...{ id, entry, verdict, receivedAt },
      signer: { revokedFrom: keys.revokedFrom, next: keys.next, holder: keys.holder },
      submitter: submitters.holder,
    })
    .from(reproductions)
    .innerJoin(keys, eq(keys.key, reproductions.key))
    .innerJoin(entries, eq(entries.id, entry))
    .innerJoin(submitters, eq(submitters.key, entries.key))
    .where(inArray(entry, db.select({ id: entries.id }).from(entries).where(where)))
    .orderBy(asc(reproductions.leaf));
  const standing = rows.filter((row) => !isAside(row.id) && !isVoid(row.signer, row.receivedAt));
  const byEntry = Map.groupBy(standing, (row) => row.entry);
  return (id) => reproductionTallyOf(byEntry.get(id) ?? []);
}

interface ReportedVerdict {
  verdict: Verdict;
  signer: { holder: string };
  /** Holder of the entry's key. */
  submitter: string;
}

/** @param verdicts oldest first. */
function reproductionTallyOf(verdicts: readonly ReportedVerdict[]): ReproductionTally {
  const others = verdicts.filter(({ signer, submitter }) => signer.holder !== submitter);
  const latest = new Map(others.map(({ signer, verdict }) => [signer.holder, verdict]));
  const tally = { agree: 0, disagree: 0, inconclusive: 0 };
  for (const verdict of latest.values()) tally[verdict] += 1;
  return { reproductions: tally, selfReproduced: others.length < verdicts.length };
}

type ChallengeTally = Pick<Standing, "challenges"> & {
  challengers: NonNullable<Standing["challengers"]>;
};
type HeldConfiguration = ConfigurationName & { holder: string };

/** Challenges of one configuration, by the holder of the key and by anybody. */
export async function challengeTally(
  db: Reader,
  { key, protocol, arch, regs }: ConfigurationName & { key: string; protocol: string },
): Promise<ChallengeTally> {
  const [own] = await db.select({ holder: keys.holder }).from(keys).where(eq(keys.key, key));
  const tally = await challengeTallies(db, protocol, [{ arch, regs }]);
  return tally({ holder: own?.holder ?? key, arch, regs });
}

/** The same for many configurations at once. */
async function challengeTallies(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<(held: HeldConfiguration) => ChallengeTally> {
  const rows = await challengersOf(db, protocol, configurations);
  const tallies = new Map(
    [...Map.groupBy(rows, placeOf)].map(([place, own]) => [place, holderTallies(own)]),
  );
  return (held) => tallyOf(held.holder, tallies.get(placeOf(held)) ?? holderTallies([]));
}

/** The holder with most challenges comes first, then whoever came first: an order that depends on no clock. */
export async function challengersOf(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<(Challenger & ConfigurationName)[]> {
  const { arch, regs } = challenges;
  const issued = count();
  const rows = await db
    .select({
      ...{ arch, regs, key: keys.holder, issued },
      completed: ended("completed"),
      failed: ended("failed"),
      expired: ended("expired"),
    })
    .from(challenges)
    .innerJoin(keys, eq(keys.key, challenges.key))
    .where(and(among(challenges, protocol, configurations)))
    .groupBy(keys.holder, arch, regs)
    .orderBy(sql`${issued} desc`, min(challenges.leaf));
  return rows;
}

function ended(outcome: NonNullable<(typeof challenges.$inferSelect)["outcome"]>) {
  return sql<number>`count(*) filter (where ${challenges.outcome} = ${outcome})`.mapWith(Number);
}

interface HolderTallies {
  byHolder: ReadonlyMap<string, Challenger>;
  sum: Sum;
  /** One more than a row shows, because its own holder comes first there. */
  first: Challenger[];
}

type Sum = Omit<Challenger, "key">;

/** Computed once for each configuration, however many entries it has. */
function holderTallies(challengers: readonly Challenger[]): HolderTallies {
  const first = challengers.slice(0, MOST_CHALLENGERS + 1).map(challengerOf);
  return {
    byHolder: new Map(challengers.map((each) => [each.key, challengerOf(each)])),
    sum: challengers.reduce(added, NONE),
    first,
  };
}

const NONE: Sum = { issued: 0, completed: 0, failed: 0, expired: 0 };

function added(a: Sum, b: Sum): Sum {
  return {
    issued: a.issued + b.issued,
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    expired: a.expired + b.expired,
  };
}

function challengerOf({ key, issued, completed, failed, expired }: Challenger): Challenger {
  return { key, issued, completed, failed, expired };
}

function tallyOf(holder: string, { byHolder, sum, first }: HolderTallies): ChallengeTally {
  const own = byHolder.get(holder);
  const others = first.filter(({ key }) => key !== holder);
  return {
    challenges: { byKey: issuedOf(own ?? NONE), byAnybody: issuedOf(sum) },
    challengers: {
      holders: byHolder.size,
      abandoned: { byKey: abandonedOf(own ?? NONE), byAnybody: abandonedOf(sum) },
      shown: [...(own ? [own] : []), ...others].slice(0, MOST_CHALLENGERS),
    },
  };
}

function issuedOf({ issued, completed }: Sum): Standing["challenges"]["byKey"] {
  return { issued, completed };
}

function abandonedOf({ failed, expired }: Sum): number {
  return failed + expired;
}

/**
 * A thief of a key may retract what its holder signed; once the key is revoked as of then, such retractions are void.
 *
 * @param where which retractions.
 * @returns the reason for each retracted statement, by its id.
 */
export async function retractionReasons(db: Reader, where: SQL): Promise<Map<string, string>> {
  const { statement, reason, receivedAt, key } = retractions;
  const { revokedFrom, next } = keys;
  const rows = await db
    .select({ statement, reason, receivedAt, signer: { revokedFrom, next } })
    .from(retractions)
    .innerJoin(keys, eq(keys.key, key))
    .where(where);
  const standing = rows.filter(({ signer, receivedAt }) => !isVoid(signer, receivedAt));
  return new Map(standing.map((row) => [row.statement, row.reason]));
}

/** What operators decided, and what they noted. */
interface Decisions {
  /** The reason, while the latest decision is to quarantine. */
  quarantine: string | null;
  /** Oldest first. */
  notes: Note[];
}

/** @param subjects ids. */
export function decisionsOn(
  db: Reader,
  subjects: readonly string[],
): Promise<(subject: string) => Decisions> {
  return decisionsWhere(db, inArray(moderations.subject, [...subjects]));
}

/** @param where which decisions: either all on a subject or none. */
export async function decisionsWhere(
  db: Reader,
  where: SQL,
): Promise<(subject: string) => Decisions> {
  const { subject, action, reason } = moderations;
  const rows = await db
    .select({ subject, action, reason })
    .from(moderations)
    .where(where)
    .orderBy(asc(moderations.leaf));
  const bySubject = Map.groupBy(rows, (row) => row.subject);
  return (id) => decisionsIn(bySubject.get(id) ?? []);
}

type Row = Pick<typeof moderations.$inferSelect, "action" | "reason">;

function decisionsIn(rows: readonly Row[]): Decisions {
  const last = rows.findLast(({ action }) => action === "quarantine" || action === "unquarantine");
  return {
    quarantine: last?.action === "quarantine" ? last.reason : null,
    notes: rows
      .filter(({ action }) => action === "note")
      .map(({ reason }) => ({ kind: "operator", text: reason, entry: null })),
  };
}

/** A replaced key has signed nothing after its rotation, so nothing that it signed becomes void. */
export function isVoid(
  signer: Pick<typeof keys.$inferSelect, "revokedFrom" | "next">,
  receivedAt: Date,
): boolean {
  const { revokedFrom, next } = signer;
  return revokedFrom !== null && next === null && revokedFrom <= receivedAt;
}

/** For `in`: all keys of the holder of this one. */
export function keysOfHolder(db: Reader, key: string): SQL {
  const holder = db.select({ holder: keys.holder }).from(keys).where(eq(keys.key, key));
  return sql`(select ${keys.key} from ${keys} where ${keys.holder} = ${holder})`;
}

/** Whether two keys are the same or belong to one chain of replacements. */
export async function isSameHolder(db: Reader, a: string, b: string): Promise<boolean> {
  if (a === b) return true;
  const found = await db
    .select({ holder: keys.holder })
    .from(keys)
    .where(inArray(keys.key, [a, b]));
  return found.length === 2 && found[0]!.holder === found[1]!.holder;
}
