/** @file What the small multiples draw: a board's configurations, architecture by architecture. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import type { Interval } from "../../../record/interval.ts";
import { FAMILIES, regularizerFamily } from "../../charts/families.ts";
import type { ArrowsRow, Position } from "../../charts/regularizer-arrows.ts";
import { isHidden } from "./board-filter.ts";

type Placed = BoardRow & { numbers: { complexity: Interval; gap: Interval } };

/** Of several entries of one configuration the one that stands for it, as in every statistic (method.md section 5). */
function placedRows(rows: readonly BoardRow[]): Placed[] {
  const placed = rows.filter(
    (row): row is Placed =>
      row.counted && !isHidden(row) && row.numbers.complexity !== null && row.numbers.gap !== null,
  );
  const best = new Map<string, Placed>();
  for (const row of placed.toSorted(byWeight)) {
    const key = `${row.arch} ${row.regs}`;
    if (!best.has(key)) best.set(key, row);
  }
  return [...best.values()];
}

/** Of a server that does not say which counts: most seeds, then the oldest. */
function byWeight(a: BoardRow, b: BoardRow): number {
  const seeds = b.panel + b.fresh - (a.panel + a.fresh);
  return seeds || (a.receivedAt < b.receivedAt ? -1 : 1);
}

const position = ({ regs, numbers }: Placed): Position => ({
  regs,
  complexity: numbers.complexity,
  gap: numbers.gap,
  testAccuracy: numbers.testAccuracy,
});

/** One panel an architecture, which must have an unregularized entry and another. */
export function byArchitecture(rows: readonly BoardRow[]): ArrowsRow[] {
  const groups = Map.groupBy(placedRows(rows), ({ arch }) => arch);
  return [...groups].flatMap(([arch, group]) => {
    const none = group.find(({ regs }) => regs === "none");
    const others = group.filter(({ regs }) => regs !== "none");
    return none === undefined || others.length === 0
      ? []
      : [{ arch, none: position(none), others: others.map(position) }];
  });
}

/** For each family of regularizers the same architectures again, with this family's strengths alone. */
export function byFamily(rows: readonly BoardRow[]): { title: string; panels: ArrowsRow[] }[] {
  const all = byArchitecture(rows);
  return Object.entries(FAMILIES).flatMap(([family, { label }]) => {
    if (family === "none") return [];
    const panels = all.flatMap((row) => {
      const others = row.others.filter(({ regs }) => regularizerFamily(regs) === family);
      return others.length === 0 ? [] : [{ ...row, others }];
    });
    return panels.length === 0 ? [] : [{ title: label, panels }];
  });
}

/** Of more arrows than this from one point nobody sees any. */
export const MOST_ARROWS = 30;

/** As many, spread evenly over the order of complexity, and both ends of it among them. */
export function fewerArrows(row: ArrowsRow): ArrowsRow {
  const { others } = row;
  if (others.length <= MOST_ARROWS) return row;
  const order = others.toSorted((a, b) => a.complexity.mean - b.complexity.mean);
  const step = (order.length - 1) / (MOST_ARROWS - 1);
  return {
    ...row,
    others: Array.from({ length: MOST_ARROWS }, (_, i) => order[Math.round(i * step)]!),
  };
}
