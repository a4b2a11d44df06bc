/** @file What a board's paired tests allow to be said, one sentence for each regularized configuration shown. */

import { z } from "zod";
import { Digest } from "../run.ts";

/** Pairs that are tested together: Holm's correction is over them. */
export const MOST_SENTENCES = 24;

export const SentencesDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  /** Regularized configurations that could be held against `none`; more than `sentences` on a large board. */
  configurations: z.int().min(0),
  sentences: z
    .array(
      z.strictObject({
        arch: z.string(),
        regs: z.string(),
        /** The entry spoken of, and the unregularized one it is held against. */
        entry: Digest,
        none: Digest,
        text: z.string(),
      }),
    )
    .max(MOST_SENTENCES),
});
export type SentencesDocument = z.infer<typeof SentencesDocument>;
