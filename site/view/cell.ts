/** @file A cell of a table before it is drawn. */

export interface CellView {
  /** As shown; a minus is a minus sign, a missing number a dash. */
  text: string;
  /** What the tooltip says; null for none. */
  help: string | null;
  /** What a sort goes by; null sorts last, whichever way. */
  order: number | string | null;
}

export function plain(text: string, help: string | null = null): CellView {
  return { text, help, order: text };
}
