/** @file A dump back into an empty database, once everything in it was verified. */

import { lockLog, logSize } from "./append-leaf.ts";
import { refreshBoards } from "./board/refresh-boards.ts";
import type { Db } from "./db.ts";
import { HomeError } from "./home/home-error.ts";
import { Restoration, type Restored } from "./restore/restoration.ts";
import { keyNames } from "./schema.ts";

/**
 * Reads a dump line by line: bodies against digests, signatures, the rules of what they say, and the
 * root in every checkpoint. All or nothing.
 *
 * The times at which leaves came stand under no signature: they are the dump's word.
 *
 * @param expected text of the key that the log must be signed by; null: the one that the dump names.
 * @throws HomeError naming the line at fault, and for a database that is not empty.
 */
export function restore(
  db: Db,
  lines: AsyncIterable<string>,
  expected: string | null,
): Promise<Restored> {
  return db.transaction(async (tx) => {
    await lockLog(tx);
    if ((await logSize(tx)) > 0 || (await tx.$count(keyNames)) > 0)
      throw new HomeError("the database is not empty: restore into a fresh one.");
    const restoration = new Restoration(tx, expected);
    try {
      for await (const line of lines) await restoration.take(line);
      const restored = await restoration.finish();
      await refreshBoards(tx);
      return restored;
    } catch (error) {
      throw restoration.explained(error);
    }
  });
}
