/** @file Keys that replaced a key: the same holder under a new key is nobody else. */

import { inArray, sql } from "drizzle-orm";
import type { Reader } from "../db.ts";
import { keys } from "../schema.ts";

/** All that followed it by rotation, one after the other. */
export async function successorsOf(db: Reader, key: string): Promise<Set<string>> {
  const chain = sql`(
    with recursive chain(key) as (
      select next from keys where key = ${key}
      union select keys.next from keys join chain on keys.key = chain.key
    )
    select key from chain where key is not null
  )`;
  const found = await db.select({ key: keys.key }).from(keys).where(inArray(keys.key, chain));
  return new Set(found.map(({ key }) => key));
}

/** Is one of the two keys the other, or its successor? */
export async function isSameHolder(db: Reader, a: string, b: string): Promise<boolean> {
  if (a === b || (await successorsOf(db, a)).has(b)) return true;
  return (await successorsOf(db, b)).has(a);
}
