/** @file Which configurations of a board are drawn over training and by depth, where there are more than a page holds. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { weighedRows } from "./shown-rows.ts";

/** Their pictures take a page to half of what it may weigh. */
export const MOST_CELLS = 60;

/**
 * One entry for each configuration; of too many as many of each architecture as of any other, `none` before the rest.
 *
 * @returns in the order of architectures, and how many configurations are left out.
 */
export function chosenConfigurations(rows: readonly BoardRow[]): {
  rows: BoardRow[];
  left: number;
} {
  const all = weighedRows(rows);
  const isNone = ({ regs }: BoardRow) => regs === "none";
  const ordered = [...all.filter(isNone), ...all.filter((row) => !isNone(row))];
  const groups = [...Map.groupBy(ordered, ({ arch }) => arch).values()];
  const most = Math.max(0, ...groups.map(({ length }) => length));
  const rounds = Array.from({ length: most }, (_, i) =>
    groups.flatMap((group) => group[i] ?? []),
  ).flat();
  const chosen = new Set(rounds.slice(0, MOST_CELLS));
  return { rows: groups.flat().filter((row) => chosen.has(row)), left: all.length - chosen.size };
}
