/** @file A state as a link to what it proves, drawn by an island or at build. */

import type { Standing } from "../../../record/board/standing.ts";
import type { VNode } from "preact";
import { type Child, h } from "../../markup/element.ts";
import {
  REFERENCE_TRUST,
  standingSentence,
  stateWord,
  trustAddress,
} from "../../data/state-words.ts";

export function stateBadge(standing: Standing): VNode {
  const { state } = standing;
  return h(
    "a",
    { class: `state ${state}`, href: trustAddress(state), title: standingSentence(standing) },
    stateWord(standing),
  );
}

/** In place of the state that an entry of the reference has in its own log; beside it that state, where more than challenged. */
export function referenceBadge(standing: Standing): Child[] {
  const word = stateWord(standing);
  const title = `Of the reference. In its own log: ${word}.`;
  const badge = h("a", { class: "state", href: REFERENCE_TRUST, title }, "reference");
  if (standing.state === "challenged") return [badge];
  const said = `${standingSentence(standing)} In the reference's own log, all of whose keys one party held.`;
  return [badge, " ", h("span", { class: "tag", title: said }, word)];
}
