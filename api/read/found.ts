/** @file What a query found, or the refusal that says what is missing. */

import { Refusal } from "../problem.ts";

/** @throws Refusal `not-found`. @param what such as `entry`. */
export function found<T>(value: T | null, what: string): T {
  if (value === null) throw new Refusal("not-found", `There is no such ${what} here.`);
  return value;
}
