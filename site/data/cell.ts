/** @file A cell of a table before it is drawn. */

export interface CellView {
  /** As shown; a minus is a minus sign, a missing number a dash. */
  text: string;
  /** What a copy of the table has instead, where the page shortens; absent where it does not. */
  whole?: string;
  /** What the tooltip says; null for none. */
  help: string | null;
}
