/** @file What happened to an entry, in the order of the log. */

import { eq, inArray, or } from "drizzle-orm";
import type { ChallengeDocument } from "../../record/documents/challenge-document.ts";
import type { EntryEvent, ReproductionDocument } from "../../record/documents/entry-document.ts";
import type { Moderation } from "../../record/statement/moderation.ts";
import type { Verdict } from "../../record/statement/reproduction.ts";
import type { Reader } from "../db.ts";
import { leaves, moderations, reproductions, retractions } from "../schema.ts";
import type { FoundRow } from "./find-rows.ts";

/** By leaf, or by digest: the other is read from the log. */
type Said = Pick<EntryEvent, "kind" | "text"> & ({ index: number } | { digest: string });

export async function entryEvents(
  db: Reader,
  { row, leaf }: FoundRow,
  challenge: ChallengeDocument | null,
  reproductions: readonly ReproductionDocument[],
): Promise<EntryEvent[]> {
  const { supersededBy } = row.standing;
  const said: Said[] = [
    ...(challenge ? [challenged(challenge)] : []),
    { kind: "submitted", text: "The result was accepted.", index: leaf.index },
    ...reproductions.map(reproduced),
    ...(supersededBy === null ? [] : [superseded(supersededBy)]),
    ...(await retracted(db, row.entry)),
    ...(await moderated(db, row.entry)),
  ];
  return inLogOrder(db, said);
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

async function retracted(db: Reader, entry: string): Promise<Said[]> {
  const ofIt = db
    .select({ id: reproductions.id })
    .from(reproductions)
    .where(eq(reproductions.entry, entry));
  const { statement } = retractions;
  const rows = await db
    .select()
    .from(retractions)
    .where(or(eq(statement, entry), inArray(statement, ofIt)));
  return rows.map(({ statement, reason, leaf }) => ({
    kind: "retracted",
    text: `${statement === entry ? "Retracted" : "A reproduction was retracted"}: ${reason}`,
    index: leaf,
  }));
}

const ACTIONS: Readonly<Record<Moderation["action"], string>> = {
  quarantine: "Quarantined by the operator",
  unquarantine: "Brought back by the operator",
  note: "Note of the operator",
  "erase-name": "Name erased by the operator",
};

async function moderated(db: Reader, entry: string): Promise<Said[]> {
  const rows = await db.select().from(moderations).where(eq(moderations.subject, entry));
  return rows.map(({ action, reason, leaf }) => ({
    kind: "moderated",
    text: `${ACTIONS[action]}: ${reason}`,
    index: leaf,
  }));
}

/** Many at a time, as a question holds 65,535 values at most. */
const AT_ONCE = 1000;

async function inLogOrder(db: Reader, said: readonly Said[]): Promise<EntryEvent[]> {
  const { index, digest, at } = leaves;
  const events: EntryEvent[] = [];
  for (let start = 0; start < said.length; start += AT_ONCE) {
    const some = said.slice(start, start + AT_ONCE);
    const indices = some.flatMap((each) => ("index" in each ? [each.index] : []));
    const digests = some.flatMap((each) => ("digest" in each ? [each.digest] : []));
    const rows = await db
      .select({ index, digest, at })
      .from(leaves)
      .where(or(inArray(index, indices), inArray(digest, digests)));
    const places = new Map<number | string, (typeof rows)[number]>();
    for (const row of rows) places.set(row.index, row).set(row.digest, row);
    for (const { kind, text, ...place } of some) {
      const row = places.get("index" in place ? place.index : place.digest);
      if (row) events.push({ ...row, at: row.at.toISOString(), kind, text });
    }
  }
  return events.toSorted((a, b) => a.index - b.index);
}
