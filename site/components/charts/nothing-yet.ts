/** @file What a page of charts shows while there is too little to draw. */

import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { notice } from "../../markup/notice.ts";

/** @param needs what it takes, as a sentence. */
export function nothingYet(title: string, needs: string): VNode {
  return notice(
    { kind: "empty", title },
    h("p", {}, `${needs} `, h("a", { href: "/submit/" }, "How to submit one")),
  );
}

/**
 * The same in a page as it was built: entries may have come since, and a page built without a server knows of none. While it
 * stands, a style sheet keeps back what is below it, which would not stay where it is (frame.css).
 *
 * @param isUnknown was it built without the board's entries?
 */
export function nothingBuilt(isUnknown: boolean, needs: string): VNode {
  const title = isUnknown
    ? "This page was built without the board's entries."
    : "There was too little to draw when this page was built.";
  const text = `${isUnknown ? "" : `${needs} `}With scripts allowed, the server's newest entries appear here. `;
  return notice(
    { kind: "loading", title },
    h("p", {}, text, h("a", { href: "/submit/" }, "How to submit one")),
  );
}

/** While a board is on its way. */
export function stillFetching(): VNode {
  return notice({ kind: "loading", title: "Fetching the board's entries…", announced: true });
}

export const NO_ARROWS = [
  "There is nothing to draw arrows between yet.",
  "It takes an architecture with an entry without a regularizer and another one with.",
] as const;

export const NO_CHANGES = [
  "No regularizer can be compared with the same network without one yet.",
  NO_ARROWS[1],
] as const;

export const NO_MEASURES = [
  "No measure can be held against the gap yet.",
  "It takes two configurations with a generalization gap, and eight architectures for an interval.",
] as const;

export const NOT_BUILT =
  "These pages were built without this board's entries, so there is nothing to show without a server.";
