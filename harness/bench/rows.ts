/** @file The table: each model trained by everybody, in turns. */

import { CASES, CEILING_GOAL, type Case } from "./cases.ts";
import type { Child } from "./child.ts";
import type { Competitors } from "./contestants.ts";
import { stepFlops } from "./flops.ts";
import { race } from "./race.ts";
import { turnsOf, type Effort } from "./turns.ts";

/** Speeds in images per second. */
export interface Row {
  name: string;
  batch: number;
  here: number;
  torch: number;
  torchCompiled: number;
  tensorflow: number;
  /** To the faster of PyTorch eager and compiled. */
  ratio: number;
  goal: number;
  /** To TensorFlow's own tf.function from Python. */
  ceilingRatio: number;
  ceilingGoal: number;
  /** Operations a second that `here` is worth. */
  flops: number;
  /** Whether the machine was left alone: speeds measured beside other programs say little. */
  quiet: boolean;
}

export async function raceRow(
  row: Case,
  here: Child,
  { torch, torchCompiled, tensorflow }: Competitors,
  effort: Effort,
): Promise<Row> {
  const takes = [];
  for (const child of [here, torch, torchCompiled, tensorflow])
    takes.push(await turnsOf(child, { model: row.name, batch: row.batch }, effort));
  const placings = await race(takes, effort.rounds, effort.patienceSeconds);
  const [own, eager, compiled, ceiling] = placings.map(({ seconds }) => row.batch / seconds) as [
    number,
    number,
    number,
    number,
  ];
  return {
    name: row.name,
    batch: row.batch,
    here: own,
    torch: eager,
    torchCompiled: compiled,
    tensorflow: ceiling,
    ratio: own / Math.max(eager, compiled),
    goal: row.goal,
    ceilingRatio: own / ceiling,
    ceilingGoal: CEILING_GOAL,
    flops: own * stepFlops(row),
    quiet: placings.every(({ quiet }) => quiet),
  };
}

export const caseNames = CASES.map(({ name }) => name);

const SGEMM = { size: 1536, repeats: 4 };

/** The best float32 matrix product either library shows, operations a second. */
export async function sgemmRate(children: readonly Child[]): Promise<number> {
  let best = 0;
  for (const child of [...children, ...children]) {
    const { seconds } = await child.ask<"sgemm">({ ask: "sgemm", ...SGEMM });
    best = Math.max(best, (2 * SGEMM.size ** 3 * SGEMM.repeats) / seconds);
  }
  return best;
}
