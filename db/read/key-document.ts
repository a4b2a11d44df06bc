/** @file What is known of a key. */

import { and, count, eq, ne, notInArray } from "drizzle-orm";
import { HIDDEN_STATES } from "../../record/board/standing.ts";
import type { KeyDocument } from "../../record/documents/key-document.ts";
import type { Reader } from "../db.ts";
import { entries, keyNames, keys, reproductions } from "../schema.ts";

/** Hidden results and retracted reproductions are not counted, nor those of the holder's own results. */
export async function findKey(db: Reader, key: string): Promise<KeyDocument | null> {
  const [found] = await db
    .select({ ...KEY, name: keyNames.name })
    .from(keys)
    .leftJoin(keyNames, eq(keyNames.key, keys.key))
    .where(eq(keys.key, key));
  if (!found) return null;
  const { registeredAt, revokedFrom, next, holder, name } = found;
  return {
    key,
    name,
    registeredAt: registeredAt.toISOString(),
    revokedFrom: revokedFrom?.toISOString() ?? null,
    next,
    results: await resultCount(db, key),
    reproductions: await reproductionCount(db, key, holder),
  };
}

const { registeredAt, revokedFrom, next, holder } = keys;
const KEY = { registeredAt, revokedFrom, next, holder };

async function resultCount(db: Reader, key: string): Promise<number> {
  const [found] = await db
    .select({ count: count() })
    .from(entries)
    .where(and(eq(entries.key, key), notInArray(entries.state, [...HIDDEN_STATES])));
  return found!.count;
}

async function reproductionCount(db: Reader, key: string, holder: string): Promise<number> {
  const [found] = await db
    .select({ count: count() })
    .from(reproductions)
    .innerJoin(entries, eq(entries.id, reproductions.entry))
    .innerJoin(keys, eq(keys.key, entries.key))
    .where(
      and(eq(reproductions.key, key), eq(reproductions.retracted, false), ne(keys.holder, holder)),
    );
  return found!.count;
}
