/** @file Where an entry stands, from the index tables alone. */

import { and, desc, eq, inArray } from "drizzle-orm";
import { stateOf, type Standing } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { entries, keys, moderations, retractions } from "../schema.ts";
import { challengeTally } from "./challenge-tally.ts";
import { isVoid } from "./is-void.ts";
import { reproductionTally } from "./reproduction-tally.ts";

/** @throws when there is no such entry. */
export async function standingOf(db: Reader, entryId: string): Promise<Standing> {
  const [entry] = await db.select(COLUMNS).from(entries).where(eq(entries.id, entryId));
  if (!entry) throw new Error(`no entry ${entryId}`);
  const supersededBy = await successorEntry(db, entry);
  const retraction = await retractionReason(db, entry);
  const quarantine = await quarantineReason(db, entryId);
  const { reproductions, selfReproduced } = await reproductionTally(db, entry);
  return {
    state: stateOf({
      isChallenged: entry.challenge !== null,
      reproductions,
      supersededBy,
      isRetracted: retraction !== null,
      isQuarantined: quarantine !== null,
    }),
    reproductions,
    selfReproduced,
    challenges: await challengeTally(db, entry),
    reason: quarantine ?? retraction,
    supersededBy,
  };
}

const { id, key, protocol, arch, regs, challenge, receivedAt } = entries;
const COLUMNS = { id, key, protocol, arch, regs, challenge, receivedAt };

type Entry = Pick<typeof entries.$inferSelect, keyof typeof COLUMNS>;

/** The latest that replaces it; it has the same configuration, by which it is found. */
async function successorEntry(db: Reader, entry: Entry): Promise<string | null> {
  const isSameConfiguration = (["protocol", "arch", "regs"] as const).map((name) =>
    eq(entries[name], entry[name]),
  );
  const [successor] = await db
    .select({ id: entries.id })
    .from(entries)
    .where(and(...isSameConfiguration, eq(entries.supersedes, entry.id)))
    .orderBy(desc(entries.leaf))
    .limit(1);
  return successor?.id ?? null;
}

/** What came after its key's revocation counts as taken back. */
async function retractionReason(db: Reader, entry: Entry): Promise<string | null> {
  const [retraction] = await db
    .select({ reason: retractions.reason })
    .from(retractions)
    .where(eq(retractions.statement, entry.id));
  if (retraction) return retraction.reason;
  const [signer] = await db
    .select({ revokedFrom: keys.revokedFrom, next: keys.next })
    .from(keys)
    .where(eq(keys.key, entry.key));
  if (!signer || !isVoid(signer, entry.receivedAt)) return null;
  return `The key was revoked from ${signer.revokedFrom!.toISOString()} on; this came later.`;
}

/** Of the latest decision, when that is to quarantine. */
async function quarantineReason(db: Reader, entryId: string): Promise<string | null> {
  const [latest] = await db
    .select({ action: moderations.action, reason: moderations.reason })
    .from(moderations)
    .where(
      and(
        eq(moderations.subject, entryId),
        inArray(moderations.action, ["quarantine", "unquarantine"]),
      ),
    )
    .orderBy(desc(moderations.leaf))
    .limit(1);
  return latest?.action === "quarantine" ? latest.reason : null;
}
