/** @file Looks at most once a second whether anything changed: the only question that a cached answer asks. */

const CHECK_MILLISECONDS = 1000;

export interface StampWatch {
  /**
   * @param read asks the database.
   * @throws what `read` throws; for the next second the same again, without asking.
   */
  stamp(read: () => Promise<string>): Promise<string>;
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
    async stamp(read) {
      if (known !== null && now() - checkedAt < CHECK_MILLISECONDS) return unwrap(known);
      checkedAt = now(); // others go on with what is known meanwhile
      try {
        known = { stamp: await read() };
      } catch (error) {
        known = { error };
        throw error;
      }
      return known.stamp;
    },
    expire: () => void (checkedAt = -Infinity),
  };
}

function unwrap(known: { stamp: string } | { error: unknown }): string {
  if ("error" in known) throw known.error;
  return known.stamp;
}
