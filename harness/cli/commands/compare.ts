/** @file `rademark compare A B` */

import { resolve } from "node:path";
import {
  type Comparison,
  type Quantity,
  compareOutcomes,
} from "../../../record/board/comparison.ts";
import {
  type Conditions,
  type Difference,
  differenceText,
  differences,
} from "../../../record/statement/conditions.ts";
import { EXIT, UserError } from "../../errors.ts";
import { conditionsOf, readStudy, requireOneProtocol } from "../../study/trained.ts";
import { writerOf } from "../../train/run-lock.ts";
import { commonArguments, defineCommand, jsonArgument, text } from "../command.ts";
import type { Effects } from "../../effects.ts";
import type { Outcome } from "../../../record/summary.ts";
import { formatQuantity } from "../../format.ts";
import { type Column, formatTable } from "../../terminal-table.ts";

const folder = { placeholder: "DIR", positional: true, read: text } as const;

export const command = defineCommand({
  meta: {
    details:
      "Differences are A minus B, paired by seed, with 95 % t-intervals; p-values are corrected for the\n" +
      "number of pairs (Holm). A sweep's folder stands for all of its configurations. Other differences\n" +
      "that affect the numbers are named; those that amount to another protocol (a limit, a changed\n" +
      "field, other heads) are refused.",
    examples: ["rademark compare runs/a runs/b --json", "rademark compare runs/grid"],
  },
  args: {
    a: { ...folder, placeholder: "A", summary: "output folder of a run or a sweep" },
    b: { ...folder, placeholder: "B", summary: "another one", fallback: null },
    json: jsonArgument,
    ...commonArguments,
  },
  run({ a, b, json }, { out, err, cwd }) {
    const sides = [a, ...(b === null ? [] : [b])].flatMap((place) =>
      readSides(place, { cwd, err }),
    );
    if (sides.length < 2)
      throw new UserError("B is missing: a single run has nothing to compare with.");
    const differing = differences(sides.map(({ conditions }) => conditions));
    requireOneProtocol(differing, sides.map(nameIn(sides)), "These are");
    const comparisons = compareOutcomes(sides.map(({ outcome }) => outcome));
    out(
      json
        ? documentOf(sides, differing, comparisons)
        : comparisonTable(sides, differing, comparisons),
    );
    return Promise.resolve(EXIT.ok);
  },
});

function readSides(place: string, { cwd, err }: Pick<Effects, "cwd" | "err">): Side[] {
  const { configurations } = readStudy(resolve(cwd, place));
  for (const { folder } of configurations) {
    const writer = writerOf(folder.path);
    if (writer !== null)
      err(`${folder.path}: ${writer} is writing into it; these are its numbers at this moment.\n`);
  }
  const sides = configurations.flatMap((trained) => {
    const { outcome } = trained;
    return outcome === null ? [] : [{ folder: place, outcome, conditions: conditionsOf(trained) }];
  });
  if (sides.length > 0) return sides;
  throw new UserError(`${place} has no finished seed yet. Go on with: rademark resume ${place}`);
}

function documentOf(
  sides: Side[],
  differing: readonly Difference[],
  comparisons: Comparison[],
): string {
  const [first] = sides;
  const configurations = sides.map(({ folder, outcome: { arch, regs, params } }) => ({
    folder,
    arch,
    regs,
    params,
  }));
  const { protocol, protocolId } = first!.outcome;
  const document = { protocol, protocolId, configurations, differences: differing, comparisons };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** One side of a comparison. */
interface Side {
  /** As it was typed. */
  folder: string;
  outcome: Outcome;
  conditions: Conditions;
}

const names: Record<Quantity, string> = {
  learnedComplexity: "learnedComplexity",
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

/** The table, and notes on what may be concluded from it. */
function comparisonTable(
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

/** One sentence on a verdict that finds no difference. */
function note(comparison: Comparison, shown: readonly string[]): string[] {
  const { quantity, a, b, seeds, smallestVisible, verdict } = comparison;
  const pair = `${shown[a]} and ${shown[b]}`;
  if (verdict === "too few shared seeds")
    return [`${pair}: ${seeds.length} shared seeds are too few for any statement; it takes 5.`];
  if (verdict !== "not distinguishable" || smallestVisible === null) return [];
  const smallest = formatQuantity(quantity, smallestVisible);
  return [
    `${pair}: not distinguishable in ${names[quantity]}; over ${seeds.length} seeds a difference below ${smallest} could not have been seen.`,
  ];
}

/** Names a side among the others: with its folder where the configuration is not unique. */
function nameIn(sides: readonly Side[]): (side: Side) => string {
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
  return `${value < 0 ? "-" : "+"}${formatQuantity(quantity, Math.abs(value))}`;
}
