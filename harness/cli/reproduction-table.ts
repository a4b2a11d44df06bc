/** @file Both numbers of a reproduction, and what they say. */

import type { ReproducedNumbers } from "../../record/statement/reproduction-verdict.ts";
import type { Verdict } from "../../record/statement/reproduction.ts";
import { type Column, formatTable } from "./table.ts";

const NAMES = { complexity: "complexity", testAccuracy: "test accuracy" } as const;

const columns: Column[] = [
  { title: "mean of", align: "left" },
  { title: "entry", align: "right" },
  { title: "your fresh runs", align: "right" },
  { title: "95 % interval", align: "right" },
  { title: "tolerance", align: "right" },
  { title: "", align: "left" },
];

const SENTENCES: Readonly<Record<Verdict, string>> = {
  agree:
    "Agrees: every mean is within the protocol's tolerance, or your interval covers the entry's.",
  disagree: "Disagrees by the protocol's tolerance. Both numbers become public with the verdict.",
  inconclusive: "Inconclusive: runs diverged, so that there is no mean to compare.",
};

export function reproductionTable(numbers: readonly ReproducedNumbers[], verdict: Verdict): string {
  const rows = numbers.map(({ quantity, entry, reproduction, tolerance, agrees }) => {
    const say = (value: number | null) => amount(quantity, value);
    const { mean = null, low = null, high = null } = reproduction ?? {};
    return [
      NAMES[quantity],
      say(entry),
      say(mean),
      low === null ? "-" : `${say(low)} to ${say(high)}`,
      say(tolerance),
      agrees === null ? "" : agrees ? "agrees" : "disagrees",
    ];
  });
  return `${formatTable(columns, rows)}${SENTENCES[verdict]}\n`;
}

function amount(quantity: ReproducedNumbers["quantity"], value: number | null): string {
  if (value === null) return "-";
  return quantity === "complexity" ? value.toFixed(4) : `${(value * 100).toFixed(2)} %`;
}
