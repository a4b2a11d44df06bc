/** @file A board's rows for the terminal. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { stateText } from "../../record/board/states.ts";
import type { Estimate } from "../../record/summary.ts";
import { type Column, formatTable } from "./table.ts";

const COLUMNS: Column[] = [
  { title: "tier", align: "right" },
  { title: "arch", align: "left" },
  { title: "regularizers", align: "left" },
  { title: "complexity", align: "right" },
  { title: "gap", align: "right" },
  { title: "test accuracy", align: "right" },
  { title: "seeds", align: "right" },
  { title: "state", align: "left" },
  { title: "entry", align: "left" },
];
const SHORT_ID = 12;

/** In the order given; percent, means with half the width of their 95 % intervals. */
export function boardTable(rows: readonly BoardRow[]): string {
  const cells = rows.map(({ rank, arch, regs, numbers, panel, fresh, standing, entry }) => [
    rank === null ? "-" : String(rank.tier),
    arch,
    regs,
    percent(numbers.complexity),
    percent(numbers.gap),
    percent(numbers.testAccuracy),
    `${panel} + ${fresh}`,
    stateText(standing),
    entry.slice(0, SHORT_ID),
  ]);
  return (
    formatTable(COLUMNS, cells) +
    "Means over panel and fresh seeds, 95 % intervals. Equal tiers cannot be told apart.\n" +
    "Complexity: 0 is chance, 100 % every random label learned. A lower one is not better.\n"
  );
}

function percent(estimate: Estimate): string {
  if (estimate === null) return "-";
  const mean = (estimate.mean * 100).toFixed(1);
  const { high } = estimate;
  return high === null ? `${mean} %` : `${mean} ± ${((high - estimate.mean) * 100).toFixed(1)} %`;
}
