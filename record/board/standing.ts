/** @file Where an entry stands: its rung on the ladder of trust.md section 1, or the side state that hides it. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { Reason } from "../statement/statements.ts";
import { DISPUTES, STATES } from "./states.ts";

export { HIDDEN_STATES, STATES } from "./states.ts";

export const State = z.enum(STATES);
export type State = z.infer<typeof State>;

const Count = z.int().min(0);
const Issued = z.strictObject({ issued: Count, completed: Count });

/** Of one configuration, by one holder: keys that replaced each other are one. What is in none of the others is open. */
export const Challenger = z.strictObject({
  /** The holder's first. */
  key: PublicKey,
  issued: Count,
  completed: Count,
  /** Given up, with a reason. */
  failed: Count,
  expired: Count,
});
export type Challenger = z.infer<typeof Challenger>;

/** Anybody can be one, so a row names the first alone: the entry's own holder, then whoever was issued most. */
export const MOST_CHALLENGERS = 5;

const Challengers = z.strictObject({
  /** How many holders were issued any. */
  holders: Count,
  /** Given up or run out, as `challenges` counts those issued and completed. */
  abandoned: z.strictObject({ byKey: Count, byAnybody: Count }),
  shown: z.array(Challenger).max(MOST_CHALLENGERS),
});
export type Challengers = z.infer<typeof Challengers>;

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
  /** The same by holder, as sums can be inflated by strangers; null from a server that does not know it. */
  challengers: Challengers.nullable().default(null),
  /** Of the retraction, or of the quarantine. */
  reason: Reason.nullable(),
  supersededBy: Digest.nullable(),
  /** Why it is `disputed`; empty in every other state. */
  disputedFor: z.array(z.enum(DISPUTES)).default([]), // a server of an older version says none of these
  /**
   * Does it weigh in statistics over entries? Not while a panel run's counts, or a fresh one's, stood under another
   * protocol, configuration or seed before, whether it completed a challenge or not.
   */
  weighs: z.boolean().default(true),
  /** Entry of the same counts that disputes it, or that it weighs nothing beside; null without one. */
  sameCountsAs: Digest.nullable().default(null),
});
export type Standing = z.infer<typeof Standing>;
/** Without what is looked up whenever a row is read: of one entry's end, all of its copies would be told anew. */
export type SettledStanding = Omit<Standing, "sameCountsAs">;

/** All that decides the state. */
export interface StandingFacts {
  isChallenged: boolean;
  reproductions: Standing["reproductions"];
  supersededBy: string | null;
  isRetracted: boolean;
  isQuarantined: boolean;
  /** Are its counts another entry's, whose claim to them is better (trust.md section 4)? */
  isOutclaimed: boolean;
}

/** Side states come before rungs; a disagreement of any other key disputes, and counts that are another entry's do. */
export function stateOf(facts: StandingFacts): State {
  if (facts.isQuarantined) return "quarantined";
  if (facts.isRetracted) return "retracted";
  if (facts.supersededBy !== null) return "superseded";
  if (disputesIn(facts).length > 0) return "disputed";
  if (facts.reproductions.agree > 0) return "reproduced";
  return facts.isChallenged ? "challenged" : "self-reported";
}

/** Why an entry of this state is disputed. */
export function disputesOf(facts: StandingFacts): Standing["disputedFor"] {
  return stateOf(facts) === "disputed" ? disputesIn(facts) : [];
}

function disputesIn({ reproductions, isOutclaimed }: StandingFacts): Standing["disputedFor"] {
  return [
    ...(reproductions.disagree > 0 ? (["disagreement"] as const) : []),
    ...(isOutclaimed ? (["same-counts"] as const) : []),
  ];
}
