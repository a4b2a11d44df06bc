/** @file Looks now and then whether anything changed: the only question that a cached answer asks. */

import { isUnavailable, localFault } from "../../db/home/unavailable.ts";
import { triedAgain } from "./tried-again.ts";

export interface StampWatch {
  /**
   * @param read asks the database, no sooner than so many milliseconds after the last time.
   * @throws what `read` throws; while a server is away, the same again until then, without asking.
   */
  stamp(milliseconds: number, read: () => Promise<string>): Promise<string>;
  /** Something was written here: the next one asks. */
  expire(): void;
}

/**
 * Values are shared between requests, promises are not: a Worker may not wait for what another request began.
 *
 * @param now in milliseconds.
 */
export function createStampWatch(now: () => number): StampWatch {
  let checkedAt = -Infinity;
  let known: { stamp: string } | { error: unknown } | null = null;
  return {
    async stamp(milliseconds, read) {
      if (known !== null && now() - checkedAt < milliseconds) return unwrap(known);
      checkedAt = now(); // others go on with what is known meanwhile
      try {
        known = { stamp: await triedAgain(read) };
      } catch (error) {
        if (isAway(error)) known = { error };
        else checkedAt = -Infinity;
        throw error;
      }
      return known.stamp;
    },
    expire: () => void (checkedAt = -Infinity),
  };
}

/** A server that cannot be reached lets everybody wait; a database in this process answers at once. */
function isAway(error: unknown): boolean {
  return isUnavailable(error) && localFault(error) === null;
}

function unwrap(known: { stamp: string } | { error: unknown }): string {
  if ("error" in known) throw known.error;
  return known.stamp;
}
