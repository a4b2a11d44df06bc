/** @file The words for where an entry stands, and for what a board shows; apart from their schemas, as a page in a browser holds no validator. */

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

/**
 * What a board does with rows of custom code, of which nobody but its author may know what it does: it shows them without
 * rank, tier or sentence unless it is asked to leave them out, or to rank them among the others.
 */
export const CUSTOM_VIEWS = ["shown", "hidden", "ranked"] as const;
export type CustomView = (typeof CUSTOM_VIEWS)[number];

/** Why an entry is disputed: other keys disagree, or its counts are listed under another configuration as well. */
export const DISPUTES = ["disagreement", "same-counts"] as const;

const DISPUTE_WORDS: Readonly<Record<(typeof DISPUTES)[number], string>> = {
  disagreement: "disagreement",
  "same-counts": "same counts",
};

/** `same counts`, or both; nothing for an entry that is not disputed. */
export function disputeWords(disputedFor: readonly (typeof DISPUTES)[number][]): string {
  return disputedFor.map((dispute) => DISPUTE_WORDS[dispute]).join(", ");
}

/** The state in plain text: `reproduced x2` where other keys agree, `disputed: same counts`, else the state itself. */
export function stateText(standing: {
  state: State;
  reproductions: { agree: number };
  disputedFor: readonly (typeof DISPUTES)[number][];
}): string {
  const { state, reproductions, disputedFor } = standing;
  if (state === "reproduced") return `reproduced x${reproductions.agree}`;
  return disputedFor.length === 0 ? state : `${state}: ${disputeWords(disputedFor)}`;
}
