/** @file Where entries stand, from the index tables alone: a handful of questions, however many entries there are. */

import { asc, eq, inArray, sql, type SQL } from "drizzle-orm";
import type { Note } from "../../record/board/note.ts";
import { stateOf, type Standing } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { entries, keys, retractions } from "../schema.ts";
import { challengeTallies } from "./challenge-tally.ts";
import { among, type ConfigurationName } from "./configurations.ts";
import { decisionsOn } from "./decisions.ts";
import { isVoid } from "./is-void.ts";
import { reproductionTallies } from "./reproduction-tally.ts";

export interface Told {
  standing: Standing;
  operatorNotes: Note[];
}

/** Of all entries of these configurations, by their ids. */
export async function standingsOf(
  db: Reader,
  protocol: string,
  configurations: readonly ConfigurationName[],
): Promise<Map<string, Told>> {
  const where = among(entries, protocol, configurations);
  const rows = await entriesIn(db, where);
  const successors = new Map(rows.map(({ id, supersedes }) => [supersedes, id])); // the latest stays
  const retracted = await retractionReasons(db, where);
  const decided = await decisionsOn(db, sql`select id from ${entries} where ${where}`);
  const reproduced = await reproductionTallies(db, where);
  const challenged = await challengeTallies(db, protocol, configurations);
  return new Map(
    rows.map((entry) => {
      const { quarantine, notes } = decided(entry.id);
      const facts = {
        ...reproduced(entry.id),
        challenges: challenged(entry),
        retraction: retracted.get(entry.id) ?? revocationReason(entry),
        quarantine,
        supersededBy: successors.get(entry.id) ?? null,
      };
      return [entry.id, { standing: standingFrom(entry, facts), operatorNotes: notes }];
    }),
  );
}

type Facts = Pick<Standing, "reproductions" | "selfReproduced" | "challenges" | "supersededBy"> & {
  retraction: string | null;
  quarantine: string | null;
};

function standingFrom({ challenge }: { challenge: string | null }, facts: Facts): Standing {
  const { reproductions, selfReproduced, challenges, supersededBy, retraction, quarantine } = facts;
  const state = stateOf({
    isChallenged: challenge !== null,
    reproductions,
    supersededBy,
    isRetracted: retraction !== null,
    isQuarantined: quarantine !== null,
  });
  const reason = quarantine ?? retraction;
  return { state, reproductions, selfReproduced, challenges, reason, supersededBy };
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

async function retractionReasons(db: Reader, where: SQL): Promise<Map<string, string>> {
  const { statement, reason } = retractions;
  const rows = await db
    .select({ statement, reason })
    .from(retractions)
    .where(inArray(statement, db.select({ id: entries.id }).from(entries).where(where)));
  return new Map(rows.map((row) => [row.statement, row.reason]));
}

/** What came after its key's revocation counts as taken back. */
function revocationReason({
  signer,
  receivedAt,
}: Awaited<ReturnType<typeof entriesIn>>[number]): string | null {
  if (!isVoid(signer, receivedAt)) return null;
  return `The key was revoked from ${signer.revokedFrom!.toISOString()} on; this came later.`;
}
