/** @file What a page of charts shows while there is too little to draw. */

import { html } from "../../charts/element.ts";

/** @param needs what it takes, as a sentence. */
export function nothingYet(document: Document, title: string, needs: string): HTMLElement {
  const el = html.bind(null, document);
  return el(
    "div",
    { class: "notice empty" },
    el("p", { class: "title" }, title),
    el("p", {}, `${needs} `, el("a", { href: "/submit/" }, "How to submit one")),
  );
}

/** While a board is on its way. */
export function stillFetching(document: Document): HTMLElement {
  return html(
    document,
    "div",
    { class: "notice loading", role: "status" },
    html(document, "p", { class: "title" }, "Fetching the board's entries…"),
  );
}

export const NO_ARROWS = [
  "There is nothing to draw arrows between yet.",
  "It takes an architecture with an entry without a regularizer and another one with.",
] as const;

export const NO_MEASURES = [
  "No measure can be held against the gap yet.",
  "It takes two configurations with a generalization gap, and five for an interval.",
] as const;

export const NOT_BUILT =
  "These pages were built without this board's entries, so there is nothing to show without a server.";
