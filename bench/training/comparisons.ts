/** @file One way of training against another, both of this product. */

import { type Child, THREADS, startHere } from "./contestants.ts";
import { type Effort, type Training, median, race, turnsOf } from "./race.ts";

/** Time of a step of the first over one of the second. */
export async function timeRatio(
  here: Child,
  first: Training,
  second: Training,
  effort: Effort,
): Promise<number> {
  const takes = [await turnsOf(here, first, effort), await turnsOf(here, second, effort)];
  const [one, other] = await race(takes, effort.rounds, effort.patienceSeconds);
  return one!.seconds / other!.seconds;
}

/**
 * The same in processor time, in turns, in a process with one thread: other programs hardly move it, where they can
 * double the time that two threads take which wait for each other.
 */
export async function processorRatio(
  first: Training,
  second: Training,
  { rounds, turnSeconds }: Effort,
): Promise<number> {
  const child = await startHere(1);
  const ask = async (training: Training, steps: number) =>
    (await child.ask<"processor">({ ask: "processor", ...training, steps })).processorSeconds;
  try {
    await ask(first, 1);
    await ask(second, 1);
    const steps = Math.max(1, Math.round(turnSeconds / (await ask(second, 1))));
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++)
      ratios.push((await ask(first, steps)) / (await ask(second, steps)));
    return median(ratios);
  } finally {
    await child.close();
  }
}

/**
 * Two runs: one after the other, each on both cores; or both at once, each on one core of its own. The turns of a
 * pair at once run beside each other by design, so none is thrown away as disturbed.
 */
export async function parallelGain(
  here: Child,
  training: Training,
  effort: Effort,
): Promise<number> {
  const pair = [await startHere(THREADS / 2), await startHere(THREADS / 2)];
  try {
    for (const child of [here, ...pair]) await turnsOf(child, training, effort);
    const steps = { ask: "steps", ...training } as const;
    const trial = await here.ask<"steps">({ ...steps, steps: 20 });
    const count = Math.max(1, Math.round((20 * effort.turnSeconds) / trial.seconds));
    const gains: number[] = [];
    for (let round = 0; round < effort.rounds; round++) {
      const alone = await here.ask<"steps">({ ...steps, steps: count });
      const start = performance.now();
      await Promise.all(pair.map((child) => child.ask<"steps">({ ...steps, steps: count })));
      gains.push((2 * alone.seconds * 1000) / (performance.now() - start));
    }
    return median(gains);
  } finally {
    for (const child of pair) await child.close();
  }
}
