/** @file Oddities that refuse nothing but are published on the row (trust.md section 4). */

import { z } from "zod";
import { Digest } from "../run.ts";

export const NOTE_KINDS = [
  /** Same protocol, configuration, seeds and counts as another entry. */
  "bit-identical",
  /** Counts that were listed under another protocol, configuration or seed before. */
  "same-counts",
  /** A configuration that differs from an earlier one of the same holder by next to nothing. */
  "near-duplicate",
  /** Panel and fresh runs differ beyond chance. */
  "panel-minus-fresh",
  /** Fractions of a second or losses that repeat where they should not. */
  "repeated-fractions",
  /** Faster or slower than the declared hardware allows. */
  "wall-time",
  /** The harness's checkout had changed files. */
  "dirty-checkout",
  /** By the operator. */
  "operator",
] as const;

export const Note = z.strictObject({
  kind: z.enum(NOTE_KINDS),
  /** One sentence. */
  text: z.string().min(1).max(600),
  /** The other entry it speaks of. */
  entry: Digest.nullable(),
});
export type Note = z.infer<typeof Note>;
