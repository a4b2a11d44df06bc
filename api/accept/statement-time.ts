/** @file Times that signers write down themselves. */

import { problemAt } from "../../record/problem.ts";
import { Refusal } from "../problem.ts";

/** Clocks differ; a time far ahead would keep every later statement out. */
const AHEAD_MS = 10 * 60_000;
/** No clock is so slow; and databases know no year 0. */
const EARLIEST = "2000-01-01T00:00:00Z";

/** @throws Refusal `malformed-statement` for a time more than ten minutes ahead, or of another century. */
export function checkTime(statement: { at: string }, now: Date): void {
  const at = Date.parse(statement.at);
  if (at < Date.parse(EARLIEST))
    throw new Refusal("malformed-statement", "Its time is long past; is the clock right?", [
      problemAt(statement, ["at"], `at least ${EARLIEST}`),
    ]);
  if (at <= now.getTime() + AHEAD_MS) return;
  throw new Refusal("malformed-statement", "Its time is yet to come; is the clock right?", [
    problemAt(statement, ["at"], `at most ten minutes after ${now.toISOString()}`),
  ]);
}
