/** @file A state as a link to what it proves, drawn by an island or at build. */

import type { Standing } from "../../record/board/standing.ts";
import { html } from "../charts/element.ts";
import { standingSentence, stateWord, trustAddress } from "./states.ts";

export function stateBadge(document: Document, standing: Standing): HTMLElement {
  const { state } = standing;
  return html(
    document,
    "a",
    { class: `state ${state}`, href: trustAddress(state), title: standingSentence(standing) },
    stateWord(standing),
  );
}
