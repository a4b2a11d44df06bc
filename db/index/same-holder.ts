/** @file Keys that replaced each other: the same holder under a new key is nobody else. */

import { eq, inArray, sql, type SQL } from "drizzle-orm";
import type { Reader } from "../db.ts";
import { keys } from "../schema.ts";

/** For `in`: every key of the one who holds this one. */
export function keysOfHolder(db: Reader, key: string): SQL {
  const holder = db.select({ holder: keys.holder }).from(keys).where(eq(keys.key, key));
  return sql`(select ${keys.key} from ${keys} where ${keys.holder} = ${holder})`;
}

/** Is one of the two keys the other, or did it replace the other, one after another? */
export async function isSameHolder(db: Reader, a: string, b: string): Promise<boolean> {
  if (a === b) return true;
  const found = await db
    .select({ holder: keys.holder })
    .from(keys)
    .where(inArray(keys.key, [a, b]));
  return found.length === 2 && found[0]!.holder === found[1]!.holder;
}
