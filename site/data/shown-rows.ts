/** @file From all rows and a view to what stands on the screen. */

import type { BoardRow } from "../../record/board/board-row.ts";
import type { BoardModel } from "./board-model.ts";
import {
  type BoardView,
  PAGE_ROWS,
  REFERENCE_ROWS,
  filterRows,
  isFiltered,
  isHidden,
  sortRows,
} from "./board-view.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { FAMILIES, type Family, regularizerFamily } from "../charts/families.ts";
import type { ArrowsRow, Position } from "../charts/regularizer-arrows.ts";

export interface ShownRows {
  /** Let through by the filters, in order, on all pages. */
  passing: BoardRow[];
  /** As many as pass, those included that were not fetched yet. */
  found: number;
  /** Entries of the board, those in hidden states only where they are shown. */
  all: number;
  /** The rows of this page. */
  rows: BoardRow[];
  /** From 1; the last one when the address asks for a later one. */
  page: number;
  pages: number;
}

export function shownRows(
  model: Pick<BoardModel, "rows" | "ranked" | "ranksCustom" | "total">,
  view: BoardView,
): ShownRows {
  const { rows: known, total } = model;
  const passing = filterRows(sorted(known, view), view);
  const all = total + (view.hidden ? known.filter(isHidden).length : 0);
  const found = isFiltered(view) ? passing.length : Math.max(all, passing.length);
  const pages = Math.max(1, Math.ceil(found / PAGE_ROWS));
  const page = Math.min(view.page, pages);
  const rows = passing.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
  return {
    passing,
    found,
    all,
    rows: rankedRows(rows, model, view),
    page,
    pages,
  };
}

/** Rows of the reference that the filters let through, in the board's order; none where they ask for states, which are those of the board's log. */
export function shownReference(rows: readonly BoardRow[], view: BoardView): BoardRow[] {
  if (view.reference === "hidden" || view.states.length > 0) return [];
  return filterRows(sortRows(rows, view), { ...view, hidden: false });
}

/** The first rows, and the selected one. @param passing in order. */
export function firstOfReference(
  passing: readonly BoardRow[],
  { selected }: BoardView,
): BoardRow[] {
  return passing.filter(({ entry }, i) => i < REFERENCE_ROWS || entry === selected);
}

/**
 * Ranks are shown in the order that they are in, among the configurations that they are among, and nowhere else: neither
 * on the screen nor in a copy of it.
 */
export function rankedRows(
  rows: readonly BoardRow[],
  { ranked, ranksCustom }: Pick<BoardModel, "ranked" | "ranksCustom">,
  { sort, custom }: Pick<BoardView, "sort" | "custom">,
): BoardRow[] {
  const isAsked = sort === ranked && ranksCustom === (custom === "ranked");
  return isAsked ? [...rows] : rows.map((row) => ({ ...row, rank: null }));
}

/** Kept for as long as the rows are: whoever types a filter does not wait for a sort. */
const orders = new WeakMap<readonly BoardRow[], Map<string, readonly BoardRow[]>>();

function sorted(rows: readonly BoardRow[], { sort, order }: BoardView): readonly BoardRow[] {
  const kept = orders.get(rows) ?? new Map<string, readonly BoardRow[]>();
  orders.set(rows, kept);
  const key = `${sort} ${order}`;
  const found = kept.get(key) ?? sortRows(rows, { sort, order });
  kept.set(key, found);
  return found;
}

/**
 * One entry for each configuration, the one that stands for it, as in every statistic (method.md section 5); no custom
 * code, which nobody asked for here.
 */
export function weighedRows(rows: readonly BoardRow[]): BoardRow[] {
  const best = new Map<string, BoardRow>();
  for (const row of rows.filter(isWeighed).toSorted(byWeight)) {
    const key = `${row.arch} ${row.regs}`;
    if (!best.has(key)) best.set(key, row);
  }
  return [...best.values()];
}

const isWeighed = (row: BoardRow) => row.counted && !row.custom && !isHidden(row);

type Placed = BoardRow & { numbers: { learnedComplexity: Interval; gap: Interval } };

function placedRows(rows: readonly BoardRow[]): Placed[] {
  return weighedRows(rows).filter(
    (row): row is Placed => row.numbers.learnedComplexity !== null && row.numbers.gap !== null,
  );
}

/** For a server that does not say which entry counts: most seeds first, then the oldest. */
function byWeight(a: BoardRow, b: BoardRow): number {
  const seeds = b.panel + b.fresh - (a.panel + a.fresh);
  return seeds || (a.receivedAt < b.receivedAt ? -1 : 1);
}

const position = ({ regs, numbers }: Placed): Position => ({
  regs,
  learnedComplexity: numbers.learnedComplexity,
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
export function byFamily(rows: readonly BoardRow[]): { family: Family; panels: ArrowsRow[] }[] {
  const all = byArchitecture(rows);
  return (Object.keys(FAMILIES) as Family[]).flatMap((family) => {
    if (family === "none") return [];
    const panels = all.flatMap((row) => {
      const others = row.others.filter(({ regs }) => regularizerFamily(regs) === family);
      return others.length === 0 ? [] : [{ ...row, others }];
    });
    return panels.length === 0 ? [] : [{ family, panels }];
  });
}

/** With more arrows than this from one point, none can be made out. */
export const MOST_ARROWS = 30;

/** At most `MOST_ARROWS` arrows, spread evenly over the order of learned complexity, with both ends among them. */
export function fewerArrows(row: ArrowsRow): ArrowsRow {
  const { others } = row;
  if (others.length <= MOST_ARROWS) return row;
  const order = others.toSorted((a, b) => a.learnedComplexity.mean - b.learnedComplexity.mean);
  const step = (order.length - 1) / (MOST_ARROWS - 1);
  return {
    ...row,
    others: Array.from({ length: MOST_ARROWS }, (_, i) => order[Math.round(i * step)]!),
  };
}
