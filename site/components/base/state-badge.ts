/** @file A state as a link to what it proves, drawn by an island or at build. */

import type { Standing } from "../../../record/board/standing.ts";
import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { standingSentence, stateWord, trustAddress } from "../../data/state-words.ts";

export function stateBadge(standing: Standing): VNode {
  const { state } = standing;
  return h(
    "a",
    { class: `state ${state}`, href: trustAddress(state), title: standingSentence(standing) },
    stateWord(standing),
  );
}
