/** @file Replacing parts of the page while somebody works with it. */

import { boardPart, type Drawing, type Part } from "../../components/board/board-parts.ts";
import { emptyBoard } from "../../components/board/empty-board.ts";
import { rowAnchor } from "../../view/board/row-anchor.ts";
import { shownRows } from "../../view/board/shown-rows.ts";
import { keepPlace } from "./focus.ts";

/** Parts that other rows change. */
export const ROWS = ["count", "hidden", "table", "pager"] as const;

export function replacePart(root: Element, part: string, content: Node | string | null): void {
  const place = root.querySelector(`[data-part="${part}"]`);
  if (place === null) return;
  keepPlace(root, place, () => place.replaceChildren(...(content === null ? [] : [content])));
}

export function drawParts(root: Element, drawing: Drawing, parts: readonly Part[]): void {
  // Read before anything changes and written only when it must be: each lays the page out at once otherwise.
  const scroll = root.querySelector(".board-scroll")?.scrollLeft ?? 0;
  for (const part of parts) replacePart(root, part, boardPart(document, part, drawing));
  if (scroll > 0 && parts.includes("table"))
    root.querySelector(".board-scroll")!.scrollLeft = scroll;
}

/** The chart library is fetched when the first chart must be drawn anew. */
export async function drawMap(root: Element, drawing: Drawing): Promise<void> {
  const { model, view } = drawing;
  root.classList.toggle("empty", model.rows.length === 0);
  if (model.rows.length === 0) return replacePart(root, "map", emptyBoard(document, model));
  const { boardMap } = await import("../../components/board/board-map.ts");
  replacePart(root, "map", boardMap(shownRows(model, view), document));
  markSelected(root, view.selected);
}

/** The selected entry's points, in both drawings, and its row. */
export function markSelected(root: Element, entry: string | null): void {
  for (const link of root.querySelectorAll(".plot a.selected")) link.classList.remove("selected");
  if (entry === null) return;
  const address = `#${rowAnchor(entry)}`;
  for (const link of root.querySelectorAll(".plot a"))
    if (link.getAttribute("href") === address) link.classList.add("selected");
}
