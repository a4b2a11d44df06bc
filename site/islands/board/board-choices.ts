/** @file What a ticked box changes: the entries compared, the filters, the columns. */

import type { State } from "../../../record/board/states.ts";
import { MOST_COMPARED } from "../../../record/most-compared.ts";
import type { Family } from "../../charts/families.ts";
import { toggleCompared } from "../../view/board/board-actions.ts";
import { BOARD_COLUMNS } from "../../view/board/board-columns.ts";
import type { BoardPageState } from "./board-page.ts";
import { ROWS } from "./board-screen.ts";
import { tell } from "./messages.ts";

/** One more or one less in the tray. */
export function compare(page: BoardPageState, entry: string): void {
  const chosen = toggleCompared(page.view, entry);
  if (chosen === page.view)
    tell(page.root, `${MOST_COMPARED} entries are chosen already; remove one first.`);
  page.choose(chosen, ["tray", "table"]);
}

/** A box was ticked, or not any more. @param changed called when other rows may be needed than were fetched. */
export function onChoice(
  page: BoardPageState,
  box: HTMLInputElement,
  changed: () => Promise<unknown>,
): void {
  const { view, root } = page;
  const { compare: entry } = box.dataset;
  if (entry !== undefined) return compare(page, entry);
  const checked = Array.from(
    root.querySelectorAll<HTMLInputElement>(`.chooser input[name="${box.name}"]:checked`),
    ({ value }) => value,
  );
  showNumber(box, checked.length);
  if (box.name === "arch") page.choose({ ...view, archs: checked, page: 1 }, ROWS, { map: true });
  if (box.name === "family")
    page.choose({ ...view, families: checked as Family[], page: 1 }, ROWS, { map: true });
  if (box.name === "state")
    page.choose({ ...view, states: checked as State[], page: 1 }, ROWS, { map: true });
  if (box.name === "columns") {
    const columns = BOARD_COLUMNS.map(({ id }) => id);
    const shown = columns.filter((id) => id === "entry" || checked.includes(id));
    page.choose({ ...view, columns: shown }, ["table"]);
  }
  void changed();
}

/** How many are ticked, while the list stays open. */
function showNumber(box: HTMLInputElement, checked: number): void {
  const summary = box.closest("details")?.querySelector("summary");
  const title = summary?.dataset["title"];
  if (!summary || title === undefined || box.name === "columns") return;
  summary.textContent = checked > 0 ? `${title} (${checked})` : title;
}
