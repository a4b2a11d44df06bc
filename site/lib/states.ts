/** @file The words for where an entry stands, and the paragraph that says what each proves. */

import type { Standing, State } from "../../record/board/standing.ts";
import { plural } from "./numbers.ts";

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

/** What the word stands for in this entry's case: how many looked, and what they found. */
export function standingSentence({ state, reproductions }: Standing): string {
  const { agree, disagree, inconclusive } = reproductions;
  const all = agree + disagree + inconclusive;
  if (state === "reproduced")
    return `${plural(agree, "other key")} trained it on fresh seeds and ${agree === 1 ? "agrees" : "agree"}.`;
  if (state === "disputed" && disagree > 0)
    return `Trained again on fresh seeds by ${plural(all, "other key")}, of which ${disagree} ${disagree === 1 ? "disagrees" : "disagree"}.`;
  return STATE_HELP[state];
}
