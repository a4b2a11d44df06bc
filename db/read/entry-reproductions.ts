/** @file The newest reproductions of an entry, and whether each of them still counts. */

import { desc, eq, inArray } from "drizzle-orm";
import type { BoardRow } from "../../record/board/board-row.ts";
import {
  MOST_REPRODUCTIONS,
  type ReproductionDocument,
} from "../../record/documents/entry-document.ts";
import type { Reader } from "../db.ts";
import { decisionsOn } from "../index/decisions.ts";
import { isVoid } from "../index/is-void.ts";
import { retractionReasons } from "../index/retractions.ts";
import { keyNames, keys, reproductions, retractions } from "../schema.ts";

/** In the order of the log. */
export async function entryReproductions(
  db: Reader,
  { entry, signer }: BoardRow,
): Promise<ReproductionDocument[]> {
  const rows = await newestOf(db, entry);
  if (rows.length === 0) return [];
  const ids = rows.map(({ reproduction }) => reproduction.id);
  const retracted = await retractionReasons(db, inArray(retractions.statement, ids));
  const decided = await decisionsOn(db, ids);
  const [submitter] = await db
    .select({ holder: keys.holder })
    .from(keys)
    .where(eq(keys.key, signer.key));
  return rows.toReversed().map(({ reproduction, name, by }) => {
    const { id, key, verdict, numbers, challenge, receivedAt } = reproduction;
    return {
      id,
      signer: { key, name },
      own: by.holder === submitter!.holder,
      verdict,
      numbers: JSON.parse(numbers) as ReproductionDocument["numbers"],
      challenge,
      retracted: retracted.has(id) || isVoid(by, receivedAt),
      quarantine: decided(id).quarantine,
      receivedAt: receivedAt.toISOString(),
    };
  });
}

function newestOf(db: Reader, entry: string) {
  const { holder, revokedFrom, next } = keys;
  return db
    .select({
      reproduction: reproductions,
      name: keyNames.name,
      by: { holder, revokedFrom, next },
    })
    .from(reproductions)
    .innerJoin(keys, eq(keys.key, reproductions.key))
    .leftJoin(keyNames, eq(keyNames.key, reproductions.key))
    .where(eq(reproductions.entry, entry))
    .orderBy(desc(reproductions.leaf))
    .limit(MOST_REPRODUCTIONS);
}
