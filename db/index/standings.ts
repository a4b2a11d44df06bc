/** @file Where entries stand, from the index tables alone: a handful of questions, however many entries there are. */

import { type SQL, asc, eq, inArray } from "drizzle-orm";
import type { Note } from "../../record/board/board-row.ts";
import { type Listed, representativeOf } from "../../record/board/representative.ts";
import { type SettledStanding, disputesOf, stateOf } from "../../record/board/standing.ts";
import { isHiddenState } from "../../record/board/states.ts";
import type { Reader } from "../db.ts";
import { entries, keys, moderations, retractions, runCounts } from "../schema.ts";
import { challengeTallies } from "./challenge-tally.ts";
import { type ConfigurationName, among, placeOf } from "./configurations.ts";
import { decisionsWhere } from "./decisions.ts";
import { isVoid } from "./is-void.ts";
import { reproductionTallies } from "./reproduction-tally.ts";
import { retractionReasons } from "./retractions.ts";
import { type SameCounts, sameCountsOf } from "./same-counts.ts";
import { successorsIn } from "./successors.ts";

export interface Told {
  standing: SettledStanding;
  operatorNotes: Note[];
  /** The entry that stands for its configuration in ranks and statistics; null where this one is hidden. */
  representative: string | null;
}

/** Of all entries of these configurations, by their ids. */
export async function standingsOf(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<Map<string, Told>> {
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

/** By configuration; every entry of each is among the rows. */
function representatives(
  rows: readonly (ConfigurationName & Omit<Listed, "isChallenged" | "isSuperseded"> & Aside)[],
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

/** What was taken back and what operators decided, of these entries and of their reproductions. */
async function setAside(db: Reader, where: SQL) {
  const ids = db.select({ id: entries.id }).from(entries).where(where);
  return {
    retracted: await retractionReasons(db, inArray(retractions.entry, ids)),
    decided: await decisionsWhere(db, inArray(moderations.entry, ids)),
  };
}

interface Aside extends SameCounts {
  challenge: string | null;
  retraction: string | null;
  quarantine: string | null;
}

type Facts = Pick<
  SettledStanding,
  "reproductions" | "selfReproduced" | "challenges" | "challengers" | "supersededBy"
>;

function standingFrom(entry: Aside, facts: Facts): SettledStanding {
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

/** What came after its key's revocation counts as taken back. */
function revocationReason({
  signer,
  receivedAt,
}: Awaited<ReturnType<typeof entriesIn>>[number]): string | null {
  if (!isVoid(signer, receivedAt)) return null;
  return `The key was revoked from ${signer.revokedFrom!.toISOString()} on; this came later.`;
}
