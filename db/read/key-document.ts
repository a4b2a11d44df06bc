/** @file What is known of a key. */

import { and, count, eq, inArray, ne, notInArray } from "drizzle-orm";
import { HIDDEN_STATES } from "../../record/board/standing.ts";
import type { KeyDocument } from "../../record/documents/entry-document.ts";
import type { Reader } from "../db.ts";
import { decisionsWhere } from "../index/decisions.ts";
import { isVoid } from "../index/is-void.ts";
import { retractionReasons } from "../index/retractions.ts";
import { entries, keyNames, keys, moderations, reproductions, retractions } from "../schema.ts";

/** Hidden results, and reproductions that do not stand, are not counted, nor those of the holder's own results. */
export async function findKey(db: Reader, key: string): Promise<KeyDocument | null> {
  const [found] = await db
    .select({ ...KEY, name: keyNames.name })
    .from(keys)
    .leftJoin(keyNames, eq(keyNames.key, keys.key))
    .where(eq(keys.key, key));
  if (!found) return null;
  const { registeredAt, revokedFrom, next, name } = found;
  return {
    key,
    name,
    registeredAt: registeredAt.toISOString(),
    revokedFrom: revokedFrom?.toISOString() ?? null,
    next,
    results: await resultCount(db, key),
    reproductions: await reproductionCount(db, key, found),
  };
}

const { registeredAt, revokedFrom, next, holder } = keys;
const KEY = { registeredAt, revokedFrom, next, holder };

type Signer = Pick<typeof keys.$inferSelect, "revokedFrom" | "next" | "holder">;

async function resultCount(db: Reader, key: string): Promise<number> {
  const [found] = await db
    .select({ count: count() })
    .from(entries)
    .where(and(eq(entries.key, key), notInArray(entries.state, [...HIDDEN_STATES])));
  return found!.count;
}

async function reproductionCount(db: Reader, key: string, signer: Signer): Promise<number> {
  const rows = await db
    .select({ id: reproductions.id, receivedAt: reproductions.receivedAt })
    .from(reproductions)
    .innerJoin(entries, eq(entries.id, reproductions.entry))
    .innerJoin(keys, eq(keys.key, entries.key))
    .where(and(eq(reproductions.key, key), ne(keys.holder, signer.holder)));
  const ids = db
    .select({ id: reproductions.id })
    .from(reproductions)
    .where(eq(reproductions.key, key));
  const retracted = await retractionReasons(db, inArray(retractions.statement, ids));
  const decided = await decisionsWhere(db, inArray(moderations.subject, ids));
  return rows.filter(
    ({ id, receivedAt }) =>
      !retracted.has(id) && decided(id).quarantine === null && !isVoid(signer, receivedAt),
  ).length;
}
