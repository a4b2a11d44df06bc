/** @file The lines of `rademark verify`: what was checked, and the outcome. */

import type { EntryFileCheck } from "../../record/answers/entry-file.ts";
import type { Outcome } from "../../record/summary.ts";

export interface Finding {
  name: string;
  /** Skipped: something needed for the check is missing here, which is not a failure. */
  state: "passed" | "failed" | "skipped";
  text: string;
}

export interface Verification {
  findings: Finding[];
  /** Id of the statement, or digest of a challenge's outcome. Null when it could not be read. */
  id: string | null;
  kind: string | null;
  /** What it says, in one sentence; null when it could not be read, or when its numbers say it. */
  says: string | null;
  /** Recomputed from the counts; null when they are not valid, or there are none. */
  outcome: Outcome | null;
}

export const passed = (name: string, text: string): Finding => ({ name, state: "passed", text });
export const failed = (name: string, text: string): Finding => ({ name, state: "failed", text });
export const skipped = (name: string, text: string): Finding => ({ name, state: "skipped", text });

export function findingOf({ name, ok, text }: EntryFileCheck): Finding {
  return ok ? passed(name, text) : failed(name, text);
}
