/**
 * @file A race: contestants take turns, round after round, so that a slow minute of the machine is everybody's.
 *
 * A turn that other programs disturbed is thrown away and repeated when they pause, for some time. The result is the
 * median of the quiet turns. Where that time ran out before half of a contestant's turns were quiet, it is the median
 * of all of them, and marked: threads that wait for each other can be ten times slower when one core is taken away.
 */

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Child } from "./contestants.ts";
import type { Heads } from "./race-questions.ts";

export interface TurnResult {
  /** Seconds per step. */
  seconds: number;
  quiet: boolean;
}

/** One measurement of one contestant. */
export type TakeTurn = () => Promise<TurnResult>;

interface Placing {
  /** Median over turns, seconds per step. */
  seconds: number;
  /** Whether that is the median of quiet turns. */
  quiet: boolean;
}

/**
 * @param patienceSeconds seconds that repetitions may take.
 * @param pause between a disturbed turn and its repetition; it is told how long it may take.
 * @returns placings in the contestants' order.
 */
export async function race(
  contestants: readonly TakeTurn[],
  rounds: number,
  patienceSeconds: number,
  pause = quietMoment,
): Promise<Placing[]> {
  const turns: TurnResult[][] = contestants.map(() => []);
  let patience = patienceSeconds;
  for (let round = 0; round < rounds; round++)
    for (const k of contestants.keys()) {
      const i = (k + round) % contestants.length; // nobody always follows the same neighbour
      for (;;) {
        const start = performance.now();
        const turn = await contestants[i]!();
        turns[i]!.push(turn);
        if (turn.quiet || patience <= 0) break;
        await pause(patience);
        patience -= (performance.now() - start) / 1000;
      }
    }
  return turns.map((own) => place(own, rounds));
}

function place(turns: readonly TurnResult[], rounds: number): Placing {
  const quiet = turns.filter((turn) => turn.quiet);
  const enough = quiet.length > rounds / 2;
  const counted = enough ? quiet : turns;
  return { seconds: median(counted.map(({ seconds }) => seconds)), quiet: enough };
}

/** Ticks a second in /proc (USER_HZ). */
const TICKS = 100;

/** Cores' worth of foreign work at which a measurement is no longer a measurement. */
const DISTURBANCE = 0.1;

/** Processor seconds so far: of the whole machine, and of one process. Null where there is no /proc. */
function processorSeconds(pid: number): { machine: number; own: number } | null {
  try {
    const [user, nice, system, , , irq, softirq, steal] = readFileSync("/proc/stat", "utf8")
      .split("\n", 1)[0]!
      .split(/\s+/)
      .slice(1)
      .map(Number) as number[] & { length: 8 };
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const machine = user! + nice! + system! + irq! + softirq! + steal!;
    return {
      machine: machine / TICKS,
      own: (Number(fields[11]) + Number(fields[12])) / TICKS,
    };
  } catch {
    return null;
  }
}

/** How long the machine has to idle before it is called quiet. */
const MOMENT_MS = 300;

/** Waits until nobody uses the machine, the caller included, but no longer than the limit. */
async function quietMoment(limitSeconds: number): Promise<void> {
  const end = performance.now() + limitSeconds * 1000;
  let quiet = false;
  while (!quiet && performance.now() < end)
    ({ quiet } = await watch(process.pid, () => setTimeout(MOMENT_MS)));
}

/** Does work that is all done by the process `pid`. @returns its result, and whether others left us alone. */
export async function watch<T>(pid: number, work: () => Promise<T>) {
  const before = processorSeconds(pid);
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const after = processorSeconds(pid);
  if (!before || !after) return { result, quiet: true };
  const foreign = after.machine - before.machine - (after.own - before.own);
  return { result, quiet: foreign / seconds < DISTURBANCE };
}

/** The median; of an even number of values, the mean of the two in the middle. @param values at least one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.floor(half - 0.5)]! + sorted[Math.floor(half)]!) / 2;
}

/** How long and how often; `quick` is to see that everything works, not to measure. */
export interface Effort {
  rounds: number;
  turnSeconds: number;
  /** How long a race may repeat turns that other programs disturbed. */
  patienceSeconds: number;
}

export const EFFORTS: Record<"full" | "quick", Effort> = {
  full: { rounds: 9, turnSeconds: 1.2, patienceSeconds: 240 },
  quick: { rounds: 2, turnSeconds: 0.2, patienceSeconds: 0 },
};

export interface Training {
  model: string;
  batch: number;
  heads?: Heads;
}

/** Builds and warms up. @returns turns of this child at this model. */
export async function turnsOf(child: Child, training: Training, effort: Effort): Promise<TakeTurn> {
  const seconds = async (steps: number) =>
    (await child.ask<"steps">({ ask: "steps", ...training, steps })).seconds;
  await seconds(0);
  const trial = (await seconds(4)) / 4;
  const steps = Math.max(1, Math.round(effort.turnSeconds / trial));
  return async () => {
    const { result, quiet } = await watch(child.pid, () => seconds(steps));
    return { seconds: result / steps, quiet };
  };
}
