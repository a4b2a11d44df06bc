/** @file One thing that a reader of an entry file can check alone, and how it came out. */

import type { Problem } from "../problem.ts";

/** In the order they are made. */
export const CHECKS = [
  /** The bytes are those that the key signed. */
  "signature",
  /** File and statement are complete and hold nothing else. */
  "schema",
  /** The runs are whole runs of the protocol; every aggregate is recomputed from them. */
  "counts",
  /** The seeds follow from a nonce and from a commitment to just this, signed by the same key. */
  "challenge",
  /** The log holds the statement. */
  "inclusion",
  /** That log is the one seen before, grown. */
  "consistency",
] as const;
export type CheckName = (typeof CHECKS)[number];

export interface Check {
  name: CheckName;
  ok: boolean;
  /** One sentence, or one for each problem. */
  text: string;
}

export function passed(name: CheckName, text: string): Check {
  return { name, ok: true, text };
}

export function failed(name: CheckName, text: string): Check {
  return { name, ok: false, text };
}

/** `/panel/2/seed: 3 (found 4)` */
export function problemText(problems: readonly Problem[]): string {
  return problems
    .map(({ pointer, rule, found }) => `${pointer || "(top)"}: ${rule} (found ${found})`)
    .join("; ");
}
