/** @file New rows in words, for those who hear the page. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { intervalText } from "../../view/interval-cell.ts";

export function announcement(arrived: readonly BoardRow[]): string {
  const names = arrived.slice(0, 3).map(({ arch, regs, numbers: { complexity } }) => {
    const number =
      complexity === null ? "diverged" : `complexity ${intervalText(complexity, "%")} %`;
    return `${arch} ${regs}, ${number}`;
  });
  const more = arrived.length > 3 ? ` and ${arrived.length - 3} more` : "";
  return `New on the board: ${names.join("; ")}${more}.`;
}
