/** @file Pairs to begin a comparison with: a network without a regularizer, and the same with one. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { byName } from "./regularizer-changes.ts";
import { weighedRows } from "./shown-rows.ts";

export interface ComparePairs {
  arch: string;
  /** The unregularized entry. */
  none: string;
  others: { regs: string; entry: string }[];
  /** As many more that are not among them. */
  left: number;
}

/** A page that offers more offers nothing. */
const [MOST_ARCHITECTURES, MOST_OTHERS] = [8, 24];

/** One for each architecture that has both. */
export function comparePairs(rows: readonly BoardRow[]): ComparePairs[] {
  const groups = [...Map.groupBy(weighedRows(rows), ({ arch }) => arch)];
  return groups
    .toSorted(([a], [b]) => byName(a, b))
    .flatMap(([arch, group]): ComparePairs[] => {
      const none = group.find(({ regs }) => regs === "none");
      const all = group
        .filter(({ regs }) => regs !== "none")
        .toSorted((a, b) => byName(a.regs, b.regs));
      if (none === undefined || all.length === 0) return [];
      const others = all.slice(0, MOST_OTHERS).map(({ regs, entry }) => ({ regs, entry }));
      return [{ arch, none: none.entry, others, left: all.length - others.length }];
    })
    .slice(0, MOST_ARCHITECTURES);
}
