/** @file The reference's part of a page, which goes where the board's log was seeded from it: then the board shows it. */

import { BoardReference } from "./board/board-reference.ts";
import { filterParts } from "./filtered-parts.ts";
import { showTips } from "./tips.ts";

export async function tendReference(): Promise<void> {
  const place = document.querySelector<HTMLElement>(".of-the-reference");
  if (place === null) return;
  showTips(place);
  filterParts(place);
  if (!(await new BoardReference(place).isApart())) place.remove();
}
