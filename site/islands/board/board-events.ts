/** @file What a click, a key or a choice on a board's page does. */

import { siteOrigin } from "../site-origin.ts";
import type { CopyFormat } from "../../components/board/board-parts.ts";
import {
  type BoardView,
  shownColumns,
  sortedBy,
  toggleCompared,
  toggleSelected,
  withAxis,
  withoutFilters,
} from "../../data/board-view.ts";
import { type BoardPageState, ROWS, pointAddresses, say, tell } from "./shown-board.ts";
import type { CustomView, State } from "../../../record/board/states.ts";
import { MOST_COMPARED } from "../../../record/most-compared.ts";
import { MAP_AXES, type MapAxis } from "../../charts/map-axes.ts";
import type { Family } from "../../charts/families.ts";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { plural } from "../../charts/numbers.ts";
import { rankedRows, shownRows } from "../../data/shown-rows.ts";
import { bibtex } from "../../data/bibtex.ts";
import { copiedTable, csv, markdown } from "../../data/copied-table.ts";
import { latex } from "../../markup/latex.ts";

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
  const button = target.closest<HTMLElement>("button, a[data-action]");
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
  if (action !== undefined) {
    event.preventDefault(); // a link goes elsewhere without a script
    return act(page, action, changed);
  }
  const row = target.closest<HTMLElement>("tr[data-entry]");
  if (row !== null && target.closest("a, input, button") === null)
    select(page, row.dataset["entry"]!);
}

function act(page: BoardPageState, action: string, changed: () => Promise<unknown>): void {
  const { view } = page;
  if (action === "clear") return page.choose({ ...view, compare: [] }, ["tray", "table"]);
  if (action === "all") page.wantsAll = true;
  if (action === "hidden") page.choose({ ...view, hidden: !view.hidden }, ROWS, { map: true });
  if (action === "reference") return void showReferenceRows(page);
  if (action === "reset") {
    page.choose(withoutFilters(view), ROWS, { map: true });
    for (const open of page.root.querySelectorAll<HTMLDetailsElement>(".chooser[open]"))
      open.open = false;
    page.drawControls();
  }
  void changed();
}

/** Fetched before anything changes, so that who is at the link by keyboard stays there. */
async function showReferenceRows(page: BoardPageState): Promise<void> {
  await page.reference.load();
  if (page.reference.isUnread)
    return tell(page.root, "The rows of the reference could not be fetched.");
  const reference = page.view.reference === "all" ? "first" : "all";
  page.choose({ ...page.view, reference }, ["table"]);
}

function entryOf({ model, reference }: BoardPageState, point: Element): string | null {
  const address = point.getAttribute("href");
  const rows = [...model.rows, ...(reference.drawn?.rows ?? [])];
  return rows.find(({ entry }) => pointAddresses(entry).includes(address!))?.entry ?? null;
}

/** A map from the build may show rows that were not fetched yet. */
async function selectPoint(page: BoardPageState, point: Element, changed: () => Promise<unknown>) {
  if (point.closest(".outlined") !== null) await page.reference.load();
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
  if (!page.isPartial && !page.reference.isUnread) return;
  page.wantsAll = true;
  await Promise.all([page.reference.load(), changed()]);
  if (chooser.open) page.drawControls({ evenOpen: true });
}

function select(page: BoardPageState, entry: string | null): void {
  if (entry === null) return;
  page.choose(toggleSelected(page.view, entry), ["selection", "table"]);
}

/** One more or one less in the tray. */
function compare(page: BoardPageState, entry: string): void {
  const chosen = toggleCompared(page.view, entry);
  if (chosen === page.view)
    tell(page.root, `${MOST_COMPARED} entries are chosen already; remove one first.`);
  page.choose(chosen, ["tray", "table"]);
}

/** A box was ticked, or not any more. @param changed called when other rows may be needed than were fetched. */
function onChoice(
  page: BoardPageState,
  box: HTMLInputElement,
  changed: () => Promise<unknown>,
): void {
  const { view, root } = page;
  const { compare: entry } = box.dataset;
  if (entry !== undefined) return compare(page, entry);
  if (box.name === "axis") chooseAxis(page, box.value as MapAxis);
  if (box.name === "scale") chooseScale(page, box.checked);
  if (box.name === "reference") showReference(page, box.checked);
  if (box.name === "custom")
    page.choose({ ...view, custom: box.value as CustomView, page: 1 }, ROWS, { map: true });
  const checked = Array.from(
    root.querySelectorAll<HTMLInputElement>(`.chooser input[name="${box.name}"]:checked`),
    ({ value }) => value,
  );
  if (box.name === "arch") page.choose({ ...view, archs: checked, page: 1 }, ROWS, { map: true });
  if (box.name === "family")
    page.choose({ ...view, families: checked as Family[], page: 1 }, ROWS, { map: true });
  if (box.name === "state")
    page.choose({ ...view, states: checked as State[], page: 1 }, ROWS, { map: true });
  if (box.name === "columns") {
    page.choose({ ...view, columns: shownColumns(checked) }, ["table"]);
  }
  if (page.isKnown && !page.isPartial) page.drawControls({ evenOpen: true }); // the list's name says how many are ticked
  void changed();
}

function chooseAxis(page: BoardPageState, axis: MapAxis): void {
  page.choose(withAxis(page.view, axis), ["axis", "table"], { map: true });
  const { title } = MAP_AXES[axis];
  say(
    page.root,
    `The map's horizontal axis is now ${title.toLowerCase()}; the table has its column.`,
  );
}

function chooseScale(page: BoardPageState, isLog: boolean): void {
  page.choose({ ...page.view, isLog }, ["axis"], { map: true });
  say(page.root, `The map's horizontal axis is now ${isLog ? "logarithmic" : "linear"}.`);
}

function showReference(page: BoardPageState, isShown: boolean): void {
  const reference = isShown ? "first" : "hidden";
  page.choose({ ...page.view, reference }, ["reference", "axis", "selection", "table"], {
    map: true,
  });
  say(page.root, `The reference is ${isShown ? "shown" : "hidden"}.`);
}

/** @param rows let through by the filters, on all pages. */
function copiedView(
  format: CopyFormat,
  rows: readonly BoardRow[],
  { columns }: BoardView,
  protocol: string,
): string {
  switch (format) {
    case "markdown":
      return markdown(copiedTable(rows, columns));
    case "latex":
      return latex(copiedTable(rows, columns));
    case "bibtex":
      return bibtex(rows, protocol, siteOrigin());
    case "csv":
      return csv(rows, columns);
  }
}

/** Every row that the filters let through, those on pages that nobody has looked at too. */
async function copyView(
  page: BoardPageState,
  format: CopyFormat,
  changed: () => Promise<unknown>,
): Promise<void> {
  if (page.isPartial) {
    page.wantsAll = true;
    await changed();
  }
  const { model, view } = page;
  const rows = rankedRows(shownRows(model, view).passing, model, view);
  const text = copiedView(format, rows, view, model.protocol.name);
  try {
    await navigator.clipboard.writeText(text);
    tell(page.root, `Copied ${plural(rows.length, "row")}.`);
  } catch {
    tell(page.root, "The browser did not let this page copy.");
  }
}
