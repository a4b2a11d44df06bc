/** @file Challenges of a key or a configuration: who asked for seeds, and what came of it. */

import { z } from "zod";
import { ChallengeDocument } from "./challenge-document.ts";

export const MOST_CHALLENGES = 100;

export const ChallengeList = z.strictObject({
  /** Newest first. */
  challenges: z.array(ChallengeDocument),
  /** For `before`; null on the last page. */
  next: z.int().nullable(),
});
export type ChallengeList = z.infer<typeof ChallengeList>;
