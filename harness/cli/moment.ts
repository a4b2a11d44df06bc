/** @file A point in time on the command line. */

import { UserError } from "../errors.ts";

/** `2026-11-24`, midnight UTC, or `2026-11-24T10:00:00Z`; as ISO 8601 in UTC. */
export function moment(text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/.test(text);
  const time = isDate ? new Date(text) : null;
  // JavaScript turns 31 February into 3 March.
  if (time && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10)))
    return time.toISOString();
  throw new UserError(`"${text}" is not a date such as 2026-11-24 or 2026-11-24T10:00:00Z`);
}
