/** @file The words for where an entry stands, and the paragraph that says what each proves. */

import type { State } from "../../record/board/standing.ts";

/** A short sentence for a tooltip; the whole paragraph stands at `trustAddress`. */
export const STATE_HELP: Readonly<Record<State, string>> = {
  "self-reported": "Signed by its submitter; nobody else has looked.",
  challenged: "Also trained on fresh seeds that were issued after the submitter had committed.",
  reproduced: "Other keys trained it on fresh seeds of their own and agree.",
  disputed: "At least one other key trained it on fresh seeds of its own and disagrees.",
  superseded: "Its submitter has replaced it by a newer entry.",
  retracted: "Its submitter has withdrawn it.",
  quarantined: "The operator has set it aside, with a public reason.",
};

export function trustAddress(state: State): string {
  return `/trust/#${state}`;
}

/** `reproduced ×2` where other keys agree, else the state itself. */
export function stateWord(state: State, agreeing: number): string {
  return state === "reproduced" ? `reproduced ×${agreeing}` : state;
}
