/** @file Who was issued challenges of an entry's configuration, and what became of them (trust.md section 3). */

import { and, eq, inArray, isNull } from "drizzle-orm";
import {
  MOST_NAMED_CHALLENGERS,
  type NamedChallenger,
} from "../../record/documents/entry-document.ts";
import type { Reader } from "../db.ts";
import { challengersOf } from "../index/challenge-tally.ts";
import { keyNames, keys } from "../schema.ts";
import type { FoundRow } from "./find-rows.ts";

/** The entry's own holder first, then whoever was issued most; the others are counted in its standing. */
export async function entryChallengers(
  db: Reader,
  { row, protocol }: Pick<FoundRow, "row" | "protocol">,
): Promise<NamedChallenger[]> {
  const [signer] = await db
    .select({ holder: keys.holder })
    .from(keys)
    .where(eq(keys.key, row.signer.key));
  const all = await challengersOf(db, protocol, [row]);
  const isOwn = ({ key }: { key: string }) => key === signer?.holder;
  const shown = [...all.filter(isOwn), ...all.filter((each) => !isOwn(each))].slice(
    0,
    MOST_NAMED_CHALLENGERS,
  );
  const names = await namesOf(
    db,
    shown.map(({ key }) => key),
  );
  return shown.map(({ key, issued, completed, failed, expired }) => {
    const own = isOwn({ key });
    return { key, issued, completed, failed, expired, name: names.get(key) ?? null, own };
  });
}

/** By holder: of the key that nobody replaced yet. */
async function namesOf(db: Reader, holders: readonly string[]): Promise<Map<string, string>> {
  if (holders.length === 0) return new Map();
  const rows = await db
    .select({ holder: keys.holder, name: keyNames.name })
    .from(keys)
    .innerJoin(keyNames, eq(keyNames.key, keys.key))
    .where(and(inArray(keys.holder, [...holders]), isNull(keys.next)));
  return new Map(rows.flatMap(({ holder, name }) => (name === null ? [] : [[holder, name]])));
}
