/** @file Draws a part of a page anew when its board has grown since the build. */

import type { VNode } from "preact";
import type { BoardRow } from "../../record/board/board-row.ts";
import { NOT_BUILT, stillFetching } from "../components/charts/nothing-yet.ts";
import { failureWords, serverNotice } from "../components/board/server-notice.ts";
import { BoardSource } from "./board/board-source.ts";
import { show } from "./show.ts";

/**
 * @param place with the protocol's name and the size of the log that it was built from, as data attributes.
 * @param nothing what a board without entries shows, which takes no chart library.
 * @param draw fetches what else it takes.
 * @returns false where what was built stays.
 */
export async function redrawGrown(
  place: HTMLElement,
  nothing: VNode,
  draw: (rows: readonly BoardRow[]) => Promise<VNode>,
): Promise<boolean> {
  const { protocol, logSize } = place.dataset;
  const isEmpty = place.querySelector(".plot") === null;
  const source = new BoardSource(protocol!, logSize);
  const usual = { ranked: "learnedComplexity", ranksCustom: false } as const;
  const request = { ...usual, hidden: false, map: false, all: true };
  const answer = await source.grown(request, ({ total }) => {
    if (isEmpty && total > 0) show(stillFetching(), place);
  });
  if (!answer.ok) {
    if (isEmpty) show(serverNotice(failureWords(answer, NOT_BUILT)), place);
    return false;
  }
  if (answer.value === null) {
    if (isEmpty) show(nothing, place); // nothing was built, and nothing has come
    return false;
  }
  const { rows } = answer.value;
  show(rows.length === 0 ? nothing : await draw(rows), place);
  return true;
}
