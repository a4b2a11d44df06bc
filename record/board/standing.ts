/** @file Where an entry stands: its rung on the ladder of trust.md section 1, or the side state that hides it. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { Reason } from "../statement/text.ts";
import { STATES } from "./states.ts";

export { HIDDEN_STATES, STATES } from "./states.ts";

export const State = z.enum(STATES);
export type State = z.infer<typeof State>;

const Count = z.int().min(0);
const Issued = z.strictObject({ issued: Count, completed: Count });

export const Standing = z.strictObject({
  /** The one word to show. */
  state: State,
  /** Keys other than the submitter's, by what their latest reproduction that stands says. */
  reproductions: z.strictObject({ agree: Count, disagree: Count, inconclusive: Count }),
  /** Did the submitter's own key reproduce it? That moves no rung. */
  selfReproduced: z.boolean(),
  /**
   * Challenges for this configuration that are over or open: by this key, with those that it replaced or that
   * replaced it, and by anybody.
   */
  challenges: z.strictObject({ byKey: Issued, byAnybody: Issued }),
  /** Of the retraction, or of the quarantine. */
  reason: Reason.nullable(),
  supersededBy: Digest.nullable(),
});
export type Standing = z.infer<typeof Standing>;

/** All that decides the state. */
export interface StandingFacts {
  isChallenged: boolean;
  reproductions: Standing["reproductions"];
  supersededBy: string | null;
  isRetracted: boolean;
  isQuarantined: boolean;
}

/** Side states come before rungs; a disagreement of any other key disputes. */
export function stateOf(facts: StandingFacts): State {
  if (facts.isQuarantined) return "quarantined";
  if (facts.isRetracted) return "retracted";
  if (facts.supersededBy !== null) return "superseded";
  if (facts.reproductions.disagree > 0) return "disputed";
  if (facts.reproductions.agree > 0) return "reproduced";
  return facts.isChallenged ? "challenged" : "self-reported";
}
