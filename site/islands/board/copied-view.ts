/** @file The current view as text for the clipboard. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import type { CopyFormat } from "../../components/board/table-bar.ts";
import { plural } from "../../lib/numbers.ts";
import { rankedRows, shownRows } from "../../view/board/shown-rows.ts";
import type { BoardView } from "../../view/board/board-view.ts";
import { bibtex } from "../../view/copies/bibtex.ts";
import { copiedTable } from "../../view/copies/copied-table.ts";
import { csv } from "../../view/copies/csv.ts";
import { latex } from "../../view/copies/latex.ts";
import { markdown } from "../../view/copies/markdown.ts";
import type { BoardPageState } from "./board-page.ts";
import { tell } from "./messages.ts";

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
      return bibtex(rows, protocol, location.origin);
    case "csv":
      return csv(rows, columns);
  }
}

/** Every row that the filters let through, those on pages that nobody has looked at too. */
export async function copyView(
  page: BoardPageState,
  format: CopyFormat,
  changed: () => Promise<unknown>,
): Promise<void> {
  if (page.isPartial) {
    page.wantsAll = true;
    await changed();
  }
  const { model, view } = page;
  const rows = rankedRows(shownRows(model, view).passing, model.ranked, view);
  const text = copiedView(format, rows, view, model.protocol.name);
  try {
    await navigator.clipboard.writeText(text);
    tell(page.root, `Copied ${plural(rows.length, "row")}.`);
  } catch {
    tell(page.root, "The browser did not let this page copy.");
  }
}
