/** @file What happened to an entry, in the order of the log: how it came, and the newest of what came later. */

import { desc, eq, inArray, or } from "drizzle-orm";
import {
  type ChallengeDocument,
  type EntryEvent,
  MOST_EVENTS,
  type ReproductionDocument,
} from "../../record/documents/entry-document.ts";
import type { Moderation, Verdict } from "../../record/statement/statements.ts";
import type { Reader } from "../db.ts";
import { isVoid } from "../index/is-void.ts";
import { keys, leaves, moderations, retractions } from "../schema.ts";
import type { FoundRow } from "./find-rows.ts";

/** By leaf, or by digest: the other is read from the log. */
type Said = Pick<EntryEvent, "kind" | "text"> & ({ index: number } | { digest: string });

/** @param reproductions the newest, at least `MOST_EVENTS` of them if there are as many. */
export async function entryEvents(
  db: Reader,
  { row, leaf }: FoundRow,
  challenge: ChallengeDocument | null,
  reproductions: readonly ReproductionDocument[],
): Promise<EntryEvent[]> {
  const { supersededBy } = row.standing;
  const came: Said[] = [
    ...(challenge ? [challenged(challenge)] : []),
    { kind: "submitted", text: "The result was accepted.", index: leaf.index },
  ];
  const later = [
    ...reproductions.map(reproduced),
    ...(supersededBy === null ? [] : [superseded(supersededBy)]),
    ...(await retracted(db, row.entry)),
    ...(await moderated(db, row.entry)),
  ];
  const events = await inLogOrder(db, [...came, ...later]);
  return [...events.slice(0, came.length), ...events.slice(came.length).slice(-MOST_EVENTS)];
}

function challenged({ challenge, receipt }: ChallengeDocument): Said {
  const seeds =
    challenge.seeds.length === 1 ? "1 fresh seed" : `${challenge.seeds.length} fresh seeds`;
  return {
    kind: "challenged",
    text: `After a commitment to this configuration, ${seeds} were issued.`,
    index: receipt.index,
  };
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  agree: "agrees with this entry",
  disagree: "disagrees with this entry",
  inconclusive: "says neither yes nor no",
};

function reproduced({ id, verdict, own }: ReproductionDocument): Said {
  const whose = own ? "A reproduction by the submitter's own key" : "A reproduction by another key";
  return { kind: "reproduced", text: `${whose} ${VERDICTS[verdict]}.`, digest: id };
}

function superseded(by: string): Said {
  return { kind: "superseded", text: "A later result of the same key replaces it.", digest: by };
}

/** Void ones happened, too. */
async function retracted(db: Reader, entry: string): Promise<Said[]> {
  const { revokedFrom, next } = keys;
  const rows = await db
    .select({ retraction: retractions, signer: { revokedFrom, next } })
    .from(retractions)
    .innerJoin(keys, eq(keys.key, retractions.key))
    .where(eq(retractions.entry, entry))
    .orderBy(desc(retractions.leaf))
    .limit(MOST_EVENTS);
  return rows.map(({ retraction: { statement, reason, leaf, receivedAt }, signer }) => {
    const what = statement === entry ? "Retracted" : "A reproduction was retracted";
    const how = isVoid(signer, receivedAt) ? " by a revoked key, which counts for nothing" : "";
    return { kind: "retracted", text: `${what}${how}: ${reason}`, index: leaf };
  });
}

/** Names are of keys, not of entries. */
const ACTIONS: Readonly<Record<Moderation["action"], [entry: string, reproduction: string]>> = {
  quarantine: ["Quarantined by the operator", "A reproduction was quarantined by the operator"],
  unquarantine: ["Brought back by the operator", "A reproduction was brought back by the operator"],
  note: ["Note of the operator", "Note of the operator on a reproduction"],
  "erase-name": ["Name erased by the operator", "Name erased by the operator"],
};

async function moderated(db: Reader, entry: string): Promise<Said[]> {
  const rows = await db
    .select()
    .from(moderations)
    .where(eq(moderations.entry, entry))
    .orderBy(desc(moderations.leaf))
    .limit(MOST_EVENTS);
  return rows.map(({ action, subject, reason, leaf }) => {
    const [ofEntry, ofReproduction] = ACTIONS[action];
    const what = subject === entry ? ofEntry : ofReproduction;
    return { kind: "moderated", text: `${what}: ${reason}`, index: leaf };
  });
}

async function inLogOrder(db: Reader, said: readonly Said[]): Promise<EntryEvent[]> {
  const { index, digest, at } = leaves;
  const indices = said.flatMap((each) => ("index" in each ? [each.index] : []));
  const digests = said.flatMap((each) => ("digest" in each ? [each.digest] : []));
  const rows = await db
    .select({ index, digest, at })
    .from(leaves)
    .where(or(inArray(index, indices), inArray(digest, digests)));
  const places = new Map<number | string, (typeof rows)[number]>();
  for (const row of rows) places.set(row.index, row).set(row.digest, row);
  const events = said.flatMap(({ kind, text, ...place }): EntryEvent[] => {
    const row = places.get("index" in place ? place.index : place.digest);
    return row ? [{ ...row, at: row.at.toISOString(), kind, text }] : [];
  });
  return events.toSorted((a, b) => a.index - b.index);
}
