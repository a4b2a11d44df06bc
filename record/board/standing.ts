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

/**
 * One holder's challenges for a configuration; keys that replaced each other have one holder. A challenge that was issued
 * and is in no other count is open.
 */
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

/** Anybody can be one, so a row names only this many: the entry's own holder, then those with most challenges. */
export const MOST_CHALLENGERS = 5;

const Challengers = z.strictObject({
  /** How many holders were issued any. */
  holders: Count,
  /** Given up or expired; `challenges` counts those issued and completed. */
  abandoned: z.strictObject({ byKey: Count, byAnybody: Count }),
  shown: z.array(Challenger).max(MOST_CHALLENGERS),
});
export type Challengers = z.infer<typeof Challengers>;

export const Standing = z.strictObject({
  /** The one word to show. */
  state: State,
  /** Keys other than the submitter's, by what their latest reproduction that stands says. */
  reproductions: z.strictObject({ agree: Count, disagree: Count, inconclusive: Count }),
  /** Whether the submitter's own key reproduced it, which does not change the state. */
  selfReproduced: z.boolean(),
  /**
   * Challenges for this configuration that are over or open: by this key, with those that it replaced or that
   * replaced it, and by anybody.
   */
  challenges: z.strictObject({ byKey: Issued, byAnybody: Issued }),
  /** The same by holder, because strangers can inflate totals; null from a server that does not have it. */
  challengers: Challengers.nullable().default(null),
  /** Reason for the retraction or the quarantine. */
  reason: Reason.nullable(),
  supersededBy: Digest.nullable(),
  /** Why it is `disputed`; empty in every other state. */
  disputedFor: z.array(z.enum(DISPUTES)).default([]), // a server of an older version sends none
  /**
   * Whether it has weight in statistics over entries. It has none if the counts of one of its runs were listed under
   * another protocol, configuration or seed before, whether it completed a challenge or not.
   */
  weighs: z.boolean().default(true),
  /** The entry with the same counts that disputes it, or because of which it has no weight; null without one. */
  sameCountsAs: Digest.nullable().default(null),
});
export type Standing = z.infer<typeof Standing>;
/** Without what is queried whenever a row is read: otherwise one entry's end would change all of its copies. */
export type SettledStanding = Omit<Standing, "sameCountsAs">;

/** All that decides the state. */
export interface StandingFacts {
  isChallenged: boolean;
  reproductions: Standing["reproductions"];
  supersededBy: string | null;
  isRetracted: boolean;
  isQuarantined: boolean;
  /** Whether another entry has the better claim to the same counts (trust.md section 4). */
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
