/** @file The words for where an entry stands, and the paragraph that says what each proves. */

import type { Standing, State } from "../../record/board/standing.ts";
import { disputeWords } from "../../record/board/states.ts";
import { plural } from "../charts/numbers.ts";

/** A short sentence for a tooltip; the whole paragraph stands at `trustAddress`. */
export const STATE_HELP: Readonly<Record<State, string>> = {
  "self-reported": "Signed by its submitter; nobody else has looked.",
  challenged: "Also trained on fresh seeds that were issued after the submitter had committed.",
  reproduced: "Other keys trained it on fresh seeds of their own and agree.",
  disputed:
    "Other keys trained it on fresh seeds of their own and disagree, or its counts are those of another entry.",
  superseded: "Its submitter has replaced it by a newer entry.",
  retracted: "Its submitter has withdrawn it.",
  quarantined: "The operator has set it aside, with a public reason.",
};

export function trustAddress(state: State): string {
  return `/trust/#${state}`;
}

/** `reproduced ×2` where other keys agree, `disputed: same counts`, else the state itself. */
export function stateWord({
  state,
  reproductions,
  disputedFor,
}: Pick<Standing, "state" | "reproductions" | "disputedFor">): string {
  if (state === "reproduced") return `reproduced ×${reproductions.agree}`;
  return disputedFor.length === 0 ? state : `${state}: ${disputeWords(disputedFor)}`;
}

/** What the word stands for in this entry's case: how many looked, and what they found. */
export function standingSentence(standing: Standing): string {
  const { state, reproductions, disputedFor } = standing;
  const { agree, disagree, inconclusive } = reproductions;
  const all = agree + disagree + inconclusive;
  if (state === "reproduced")
    return `${plural(agree, "other key")} trained it on fresh seeds and ${agree === 1 ? "agrees" : "agree"}.`;
  const sentences = [
    ...(disputedFor.includes("disagreement")
      ? [
          `Trained again on fresh seeds by ${plural(all, "other key")}, of which ${disagree} ${disagree === 1 ? "disagrees" : "disagree"}.`,
        ]
      : []),
    ...(disputedFor.includes("same-counts") ? [sameCountsSentence(standing)] : []),
  ];
  return sentences.length === 0 ? STATE_HELP[state] : sentences.join(" ");
}

/** An earlier row is disputed by a later one only where that completed a challenge. */
function sameCountsSentence({ weighs }: Standing): string {
  return weighs
    ? "Another entry lists the same counts under another configuration, and completed a challenge for it."
    : "Another entry lists the same counts under another configuration, and has the better claim to them.";
}

/** What the reference is worth, wherever it is shown. */
export const REFERENCE_WORDS =
  "One party trained these networks, kept their log and held every key, so its challenges prove nothing to anybody else; " +
  "reproductions by other machines do.";

/** The paragraph that says so at length. */
export const REFERENCE_TRUST = "/trust/#reference";
