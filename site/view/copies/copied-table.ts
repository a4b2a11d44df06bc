/** @file A view's table as text: the headings and cells that the copies are written from. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { findColumn } from "../board/board-columns.ts";

export interface CopiedTable {
  titles: string[];
  isNumeric: boolean[];
  cells: string[][];
}

export function copiedTable(rows: readonly BoardRow[], columns: readonly string[]): CopiedTable {
  const shown = columns.map((id) => findColumn(id)!);
  return {
    titles: shown.map(({ title }) => title),
    isNumeric: shown.map(({ numeric }) => numeric),
    cells: rows.map((row) => shown.map((column) => column.cell(row).text)),
  };
}
