/** @file What other holders' reproductions say of entries. */

import { type SQL, asc, eq, inArray } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Standing } from "../../record/board/standing.ts";
import type { Verdict } from "../../record/statement/statements.ts";
import type { Reader } from "../db.ts";
import { entries, keys, reproductions } from "../schema.ts";
import { isVoid } from "./is-void.ts";

type Tally = Pick<Standing, "reproductions" | "selfReproduced">;

/**
 * Of each holder, under whichever key, the latest that stands: nothing received after its key's revocation.
 *
 * @param where which entries.
 * @param isAside is the reproduction of this id taken back, or quarantined?
 */
export async function reproductionTallies(
  db: Reader,
  where: SQL,
  isAside: (id: string) => boolean,
): Promise<(entry: string) => Tally> {
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
  return (id) => tallyOf(byEntry.get(id) ?? []);
}

interface Said {
  verdict: Verdict;
  signer: { holder: string };
  /** Holder of the entry's key. */
  submitter: string;
}

/** @param said oldest first. */
function tallyOf(said: readonly Said[]): Tally {
  const others = said.filter(({ signer, submitter }) => signer.holder !== submitter);
  const latest = new Map(others.map(({ signer, verdict }) => [signer.holder, verdict]));
  const tally = { agree: 0, disagree: 0, inconclusive: 0 };
  for (const verdict of latest.values()) tally[verdict] += 1;
  return { reproductions: tally, selfReproduced: others.length < said.length };
}
