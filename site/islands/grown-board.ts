/** @file Draws a part of a page anew when its board has grown since the build. */

import type { VNode } from "preact";
import type { BoardRow } from "../../record/board/board-row.ts";
import { NOT_BUILT, stillFetching } from "../components/charts/nothing-yet.ts";
import { failureWords, serverNotice } from "../components/board/server-notice.ts";
import type { Answer } from "../data/api.ts";
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
  const request = { ...usual, hidden: false, map: false };
  const giveUp = (answer: Answer<unknown>): false => {
    if (isEmpty && !answer.ok) show(serverNotice(failureWords(answer, NOT_BUILT)), place);
    return false;
  };
  const first = await source.changes({ ...request, all: false });
  if (!first.ok) return giveUp(first);
  if (String(first.value?.logSize) === logSize) return false;
  if (isEmpty && (first.value?.total ?? 0) > 0) show(stillFetching(), place);
  const answer = await source.changes({ ...request, all: true });
  if (!answer.ok || answer.value === null) return giveUp(answer);
  const { rows } = answer.value;
  show(rows.length === 0 ? nothing : await draw(rows), place);
  return true;
}
