/** @file Both numbers of a reproduction, and what they say. */

import type { ReproducedNumbers } from "../../record/statement/result-problems.ts";
import type { Verdict } from "../../record/statement/statements.ts";
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

const WORDS = { true: "agrees", false: "disagrees", null: "open" } as const;

const SENTENCES: Readonly<Record<Verdict, string>> = {
  agree: "Agrees: both means are within the protocol's tolerance.",
  disagree:
    "Disagrees: a mean is beyond the protocol's tolerance, and Welch's test at 5 % tells it from the entry's. " +
    "Both numbers become public with the verdict.",
  inconclusive:
    "Inconclusive: a mean is beyond the protocol's tolerance, but the runs spread too far to tell it from the " +
    "entry's; or runs diverged, so that there is none.",
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
      mean === null || entry === null ? "" : WORDS[`${agrees}`],
    ];
  });
  return `${formatTable(columns, rows)}${SENTENCES[verdict]}\n`;
}

function amount(quantity: ReproducedNumbers["quantity"], value: number | null): string {
  if (value === null) return "-";
  return quantity === "complexity" ? value.toFixed(4) : `${(value * 100).toFixed(2)} %`;
}
