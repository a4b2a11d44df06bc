/** @file What a column of a board's table is. */

import type { Sort } from "../../../record/board/board-columns.ts";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { CellView } from "../cell.ts";

export interface BoardColumn {
  id: string;
  title: string;
  /** What the column holds, in its heading's tooltip. */
  help: string;
  numeric: boolean;
  /** Is it a control, which a complexity cannot be read without? */
  control: boolean;
  /** Shown unless somebody chooses otherwise. */
  usual: boolean;
  /** The server's name of the order by this column; null where only the page sorts by it. */
  sort: Sort | null;
  /** What a sort goes by: cells of ten thousand rows are not written for it. Null sorts last, whichever way. */
  order(row: BoardRow): number | string | null;
  cell(row: BoardRow): CellView;
}
