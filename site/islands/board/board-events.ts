/** @file What a click, a key or a choice on a board's page does. */

import type { CopyFormat } from "../../components/board/table-bar.ts";
import { sortedBy, toggleSelected, withoutFilters } from "../../view/board/board-actions.ts";
import { rowAnchor } from "../../view/board/row-anchor.ts";
import { compare, onChoice } from "./board-choices.ts";
import type { BoardPageState } from "./board-page.ts";
import { ROWS } from "./board-screen.ts";
import { copyView } from "./copied-view.ts";

/** @param changed called when other rows may be needed than were fetched. */
export function listen(page: BoardPageState, changed: () => Promise<unknown>): void {
  const { root } = page;
  root.addEventListener("click", (event) => {
    if (event.target instanceof Element) onClick(page, event, event.target, changed);
  });
  root.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) onChoice(page, target, changed);
  });
  root.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== "q") return;
    page.wantsAll = true;
    page.choose({ ...page.view, text: target.value, page: 1 }, ROWS, {
      map: true,
      typing: true,
    });
    void changed();
  });
  root.addEventListener("toggle", ({ target }) => void onToggle(page, target, changed), true);
  root.addEventListener("submit", (event) => event.preventDefault());
}

function onClick(
  page: BoardPageState,
  event: Event,
  target: Element,
  changed: () => Promise<unknown>,
): void {
  const { view } = page;
  const point = target.closest(".plot a");
  if (point !== null) {
    event.preventDefault();
    return void selectPoint(page, point, changed);
  }
  const button = target.closest<HTMLElement>("button");
  const { sort, action, copy, page: to, drop, choose } = button?.dataset ?? {};
  if (sort !== undefined) {
    page.choose(sortedBy(view, sort), ROWS);
    return void changed();
  }
  if (to !== undefined) {
    page.wantsAll = true;
    page.choose({ ...view, page: Number(to) }, ROWS);
    return void changed();
  }
  if (copy !== undefined) return void copyView(page, copy as CopyFormat, changed);
  if (drop !== undefined || choose !== undefined) return compare(page, drop ?? choose!);
  if (action !== undefined) return act(page, action, changed);
  const row = target.closest<HTMLElement>("tr[data-entry]");
  if (row !== null && target.closest("a, input, button") === null)
    select(page, row.dataset["entry"]!);
}

function act(page: BoardPageState, action: string, changed: () => Promise<unknown>): void {
  const { view } = page;
  if (action === "clear") return page.choose({ ...view, compare: [] }, ["tray", "table"]);
  if (action === "hidden") page.choose({ ...view, hidden: !view.hidden }, ROWS, { map: true });
  if (action === "reset") {
    page.choose(withoutFilters(view), ROWS, { map: true });
    for (const open of page.root.querySelectorAll<HTMLDetailsElement>(".chooser[open]"))
      open.open = false;
    page.drawControls();
  }
  void changed();
}

function entryOf({ model }: BoardPageState, point: Element): string | null {
  const address = point.getAttribute("href");
  return model.rows.find(({ entry }) => address === `#${rowAnchor(entry)}`)?.entry ?? null;
}

/** A map from the build may show rows that were not fetched yet. */
async function selectPoint(page: BoardPageState, point: Element, changed: () => Promise<unknown>) {
  if (entryOf(page, point) === null && page.isPartial) {
    page.wantsAll = true;
    await changed();
  }
  select(page, entryOf(page, point));
}

/** What can be chosen is known once all rows are. */
async function onToggle(
  page: BoardPageState,
  chooser: EventTarget | null,
  changed: () => Promise<unknown>,
): Promise<void> {
  if (!(chooser instanceof HTMLDetailsElement) || !chooser.matches(".chooser[open]")) return;
  if (!page.isPartial) return;
  page.wantsAll = true;
  await changed();
  if (chooser.open) page.drawControls({ evenOpen: true });
}

function select(page: BoardPageState, entry: string | null): void {
  if (entry === null) return;
  page.choose(toggleSelected(page.view, entry), ["selection", "table"]);
}
