/** @file The words for where an entry stands; apart from their schemas, as a page in a browser holds no validator. */

export const STATES = [
  "self-reported",
  "challenged",
  "reproduced",
  "disputed",
  "superseded",
  "retracted",
  "quarantined",
] as const;
export type State = (typeof STATES)[number];

/** Left out of ranks, and of views that do not ask for them. */
export const HIDDEN_STATES = ["superseded", "retracted", "quarantined"] as const;

export function isHiddenState(state: State): boolean {
  return (HIDDEN_STATES as readonly State[]).includes(state);
}
