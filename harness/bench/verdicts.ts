/** @file The goals, and whether they are met. */

import type { BenchResult } from "./bench.ts";
import type { Overhead } from "./overhead.ts";
import type { MemoryAnswer } from "./questions.ts";
import type { Row } from "./rows.ts";

export interface Verdict {
  what: string;
  value: number;
  /** How the value is written. */
  unit: "ratio" | "share" | "seconds" | "count";
  goal: number;
  /** Which side of the goal is good; null: measured, without a goal. */
  wanted: "at least" | "at most" | null;
  met: boolean | null;
  /** Whether the machine was left alone meanwhile. */
  quiet: boolean;
}

const atLeast = (what: string, value: number, goal: number): Verdict => {
  return { what, value, unit: "ratio", goal, wanted: "at least", met: value >= goal, quiet: true };
};
const atMost = (what: string, value: number, goal: number, unit: Verdict["unit"]): Verdict => {
  return { what, value, unit, goal, wanted: "at most", met: value <= goal, quiet: true };
};

export const rowVerdicts = (row: Row): Verdict[] => [
  { ...atLeast(`${row.name} to PyTorch`, row.ratio, row.goal), quiet: row.quiet },
  {
    ...atLeast(`${row.name} to tf.function`, row.ceilingRatio, row.ceilingGoal),
    quiet: row.quiet,
  },
];

/** An mlp pays its heads' arithmetic: that one is only reported. */
const HEADS_GOAL: Record<string, number> = { "cnn-16": 1.1, "wrn-16-1": 1.1 };
const PARALLEL_GOAL: Record<string, number> = { "wrn-16-1": 1, "mlp-128": 1.3 };
/** What the resident set may grow by over 1,000 steps and still be called flat. */
const FLAT = 0.02;

type Rules = { [K in keyof Overhead]: (value: Overhead[K]) => Verdict[] };

const rules: Rules = {
  heads: (ratios) =>
    Object.entries(ratios).map(([model, ratio]) => {
      const what = `micro-1's heads on ${model}, time to none`;
      const goal = HEADS_GOAL[model];
      if (goal !== undefined) return atMost(what, ratio, goal, "ratio");
      return { what, value: ratio, unit: "ratio", goal: 0, wanted: null, met: null, quiet: true };
    }),
  javascript: (share) => [atMost("JavaScript's share of a wrn-16-1 step", share, 0.03, "share")],
  controls: (share) => [atMost("controls' share of a cnn-16 micro-1 run", share, 0.1, "share")],
  record: ({ recordAndLoadSeconds }) => [
    atMost("record and load resnet-18", recordAndLoadSeconds, 3, "seconds"),
  ],
  memory: (answer) => [
    atMost(
      "tensors more after 1,000 steps",
      answer.tensors.at(-1)! - answer.tensors[1]!,
      0,
      "count",
    ),
    atMost("growth of resident memory over them", growth(answer.residentBytes), FLAT, "share"),
  ],
  parallel: (gains) =>
    Object.entries(gains).map(([model, gain]) =>
      atLeast(`two runs of ${model} at once, to one after the other`, gain, PARALLEL_GOAL[model]!),
    ),
};

/** From the first tenth on: what is allocated once is not growth. */
function growth(values: MemoryAnswer["residentBytes"]): number {
  return values.at(-1)! / values[1]! - 1;
}

/** In the order of the measurements. */
export function verdicts({ rows, overhead }: BenchResult): Verdict[] {
  const judge = <K extends keyof Overhead>(name: K) =>
    overhead[name] === undefined ? [] : rules[name](overhead[name]);
  return [
    ...rows.flatMap(rowVerdicts),
    ...(Object.keys(rules) as (keyof Overhead)[]).flatMap((name) => judge(name)),
  ];
}
