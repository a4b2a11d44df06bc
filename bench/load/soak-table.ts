/** @file Figures of a soak as a table. */

import { left, markdownTable, right } from "../training/markdown-table.ts";
import type { RoundFigures } from "./soak-round.ts";

const COLUMNS = [
  left("round"),
  ...["acknowledged at the kill", "requests open", "found again", "requests", "restart (s)"].map(
    right,
  ),
  ...["submitted in (s)", "leaves", "entries", "promises checked", "checked in (s)", "faults"].map(
    right,
  ),
];

export function soakTable(rounds: readonly RoundFigures[]): string {
  return markdownTable(COLUMNS, rounds.map(cells));
}

function cells(figures: RoundFigures): string[] {
  return [
    String(figures.round + 1),
    ...[figures.before, figures.open, figures.foundAgain, figures.requests].map(String),
    ...[figures.restartSeconds, figures.submitSeconds].map((seconds) => seconds.toFixed(1)),
    ...[figures.leaves, figures.entries, figures.promises].map(String),
    figures.auditSeconds.toFixed(1),
    String(figures.faults),
  ];
}

/** One sentence over all rounds. */
export function soakSummary(rounds: readonly RoundFigures[], faults: readonly string[]): string {
  const sum = (name: "before" | "open" | "foundAgain" | "requests" | "promises") =>
    rounds.reduce((total, round) => total + round[name], 0);
  const last = rounds.at(-1);
  return (
    `${rounds.length} kills in ${sum("requests")} requests: ${last?.entries ?? 0} entries in ` +
    `${last?.leaves ?? 0} leaves, ${sum("open")} requests open at a kill, ${sum("foundAgain")} results stored whose ` +
    `answer was lost and found again, ${sum("promises")} promises checked, ${faults.length} faults.`
  );
}
