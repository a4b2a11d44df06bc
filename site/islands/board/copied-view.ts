/** @file The current view as text for the clipboard. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import type { CopyFormat } from "../../components/board/table-bar.ts";
import type { BoardView } from "../../view/board/board-view.ts";
import { bibtex } from "../../view/copies/bibtex.ts";
import { copiedTable } from "../../view/copies/copied-table.ts";
import { csv } from "../../view/copies/csv.ts";
import { latex } from "../../view/copies/latex.ts";
import { markdown } from "../../view/copies/markdown.ts";

/** @param rows let through by the filters, on all pages. */
export function copiedView(
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
