/** @file Open challenges: somebody has committed to a configuration and is training it. */

import type { ChallengeList } from "../../record/answers/documents.ts";

export interface Training {
  arch: string;
  regs: string;
  /** When the seeds were issued, ISO 8601. */
  since: string;
}

/** Those that are neither over nor too late, newest first. @param now in milliseconds. */
export function trainingIn(
  { challenges }: Pick<ChallengeList, "challenges">,
  now: number,
): Training[] {
  return challenges.flatMap(({ challenge, commitment, outcome }) => {
    const isOpen = outcome === null && Date.parse(challenge.expiresAt) > now;
    const { arch, regs } = commitment;
    return isOpen ? [{ arch, regs, since: challenge.issuedAt }] : [];
  });
}
