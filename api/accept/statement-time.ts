/** @file Times that signers write down themselves. */

import { problemAt } from "../../record/problem.ts";
import { Refusal } from "../problem.ts";

/** Clocks differ; a time far ahead would keep every later statement out. */
const AHEAD_MS = 10 * 60_000;

/** @throws Refusal `malformed-statement` for a time more than ten minutes ahead. */
export function checkTime(statement: { at: string }, now: Date): void {
  if (Date.parse(statement.at) <= now.getTime() + AHEAD_MS) return;
  throw new Refusal("malformed-statement", "Its time is yet to come; is the clock right?", [
    problemAt(statement, ["at"], `at most ten minutes after ${now.toISOString()}`),
  ]);
}
