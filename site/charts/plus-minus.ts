/** @file What a ± stands for, said below every table that has one. */

import { html } from "./element.ts";
import type { Cell } from "./table.ts";

export const PLUS_MINUS_HELP =
  "± is half the width of the 95 % t-interval over seeds; a mean without it comes from a single seed.";

/** Null for a table without a ±. */
export function plusMinusNote(
  document: Document,
  rows: readonly (readonly (Cell | string)[])[],
): HTMLElement | null {
  const isTold = rows.some((row) => row.some((cell) => textOf(cell).includes("±")));
  return isTold ? html(document, "p", { class: "faint small" }, PLUS_MINUS_HELP) : null;
}

function textOf(cell: Cell | string): string {
  const content = typeof cell === "string" ? cell : cell.content;
  return typeof content === "string" ? content : (content?.textContent ?? "");
}
