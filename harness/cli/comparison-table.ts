/** @file Paired differences as a table and as sentences. */

import type { Comparison, Quantity } from "../../record/comparison.ts";
import { type Conditions, type Difference, differenceText } from "../../record/conditions.ts";
import type { Outcome } from "../../record/summary.ts";
import { type Column, formatTable } from "./table.ts";

/** One side of a comparison. */
export interface Side {
  /** As it was asked for. */
  folder: string;
  outcome: Outcome;
  conditions: Conditions;
}

const names: Record<Quantity, string> = {
  complexity: "complexity",
  gap: "generalization gap",
  testAccuracy: "test accuracy",
  trainAccuracy: "train accuracy",
};

const columns: Column[] = [
  { title: "quantity", align: "left" },
  { title: "A", align: "left" },
  { title: "B", align: "left" },
  { title: "seeds", align: "right" },
  { title: "A - B", align: "right" },
  { title: "95 % interval", align: "right" },
  { title: "p", align: "right" },
  { title: "verdict", align: "left" },
];

/** The table, and below it what it allows to be said. */
export function comparisonTable(
  sides: Side[],
  differing: readonly Difference[],
  comparisons: Comparison[],
): string {
  const shown = sides.map(nameIn(sides));
  const rows = comparisons.map((comparison) => {
    const { quantity, a, b, seeds, difference, p, verdict } = comparison;
    return [
      names[quantity],
      shown[a]!,
      shown[b]!,
      String(seeds.length),
      signed(quantity, difference?.mean ?? null),
      interval(comparison),
      p === null ? "-" : p.toPrecision(2),
      verdict.replace("a is", "A is"),
    ];
  });
  const notes = new Set(comparisons.flatMap((comparison) => note(comparison, shown)));
  for (const difference of differing)
    notes.add(`Not the same: ${differenceText(difference, shown)}.`);
  return [formatTable(columns, rows), ...notes].join("\n") + (notes.size > 0 ? "\n" : "");
}

/** What a verdict that is not a difference means, in a sentence. */
function note(comparison: Comparison, shown: readonly string[]): string[] {
  const { quantity, a, b, seeds, smallestVisible, verdict } = comparison;
  const pair = `${shown[a]} and ${shown[b]}`;
  if (verdict === "too few shared seeds")
    return [`${pair}: ${seeds.length} shared seeds carry no statement; it takes 5.`];
  if (verdict !== "not distinguishable" || smallestVisible === null) return [];
  const smallest = amount(quantity, smallestVisible);
  return [
    `${pair}: not distinguishable in ${names[quantity]}; over ${seeds.length} seeds a difference below ${smallest} could not have been seen.`,
  ];
}

/** A name among others: with its folder where the configuration alone says too little. */
export function nameIn(sides: readonly Side[]): (side: Side) => string {
  const nameOf = ({ outcome: { arch, regs } }: Side) => `${arch} ${regs}`;
  return (side) => {
    const isAlone = sides.filter((other) => nameOf(other) === nameOf(side)).length === 1;
    return isAlone ? nameOf(side) : `${nameOf(side)} (${side.folder})`;
  };
}

function interval({ quantity, difference }: Comparison): string {
  if (difference === null || difference.low === null) return "-";
  return `${signed(quantity, difference.low)} to ${signed(quantity, difference.high)}`;
}

function signed(quantity: Quantity, value: number | null): string {
  if (value === null) return "-";
  return `${value < 0 ? "-" : "+"}${amount(quantity, Math.abs(value))}`;
}

/** Accuracies and their differences in percent points; complexity as it is. */
function amount(quantity: Quantity, value: number): string {
  return quantity === "complexity" ? value.toFixed(4) : `${(value * 100).toFixed(2)} %`;
}
