/** @file Which finding the first page shows: a rule that was fixed before any verdict stood, and that looks at no outcome. */

import { CLAIMS, type Claim } from "../../record/replication/claims.ts";
import type { Findings, Verdict } from "../../record/replication/findings.ts";

/**
 * What somebody who trains networks can use comes first (does suppressing random labels help?), then what lowers the
 * measure, then what the measure is. Of these the first is shown that any network decides, whichever way.
 */
export const CLAIMS_BY_USE: readonly string[] = [
  ...["T9", "T11", "T10", "Q3"],
  ...["T4", "T5", "T6", "T12", "T13"],
  ...["Q1", "Q2", "T7", "T3", "T2", "T8", "Q6", "T1"],
];

export interface FirstFinding {
  claim: Claim;
  verdicts: readonly Verdict[];
  /** The first network that decides it. */
  decided: Verdict;
}

/** Null while no claim is decided. */
export function firstFinding({ claims }: Pick<Findings, "claims">): FirstFinding | null {
  for (const id of CLAIMS_BY_USE) {
    const { verdicts } = claims.find((each) => each.id === id)!;
    const decided = verdicts.find(({ status }) => status === "holds" || status === "fails");
    if (decided !== undefined)
      return { claim: CLAIMS.find((each) => each.id === id)!, verdicts, decided };
  }
  return null;
}
