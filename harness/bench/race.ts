/**
 * @file A race: contestants take turns, round after round, so that a slow minute of the machine is everybody's.
 *
 * A turn that other programs disturbed is thrown away and repeated when they pause, for some time. The result is the
 * median of the quiet turns. Where that time ran out before half of a contestant's turns were quiet, it is the median
 * of all of them, and marked: threads that wait for each other can be ten times slower when one core is taken away.
 */

import { median } from "./median.ts";
import { quietMoment } from "./quiet.ts";

export interface Turn {
  /** Seconds per step. */
  seconds: number;
  quiet: boolean;
}

/** One measurement of one contestant. */
export type Take = () => Promise<Turn>;

export interface Placing {
  /** Median over turns, seconds per step. */
  seconds: number;
  /** Whether that is the median of quiet turns. */
  quiet: boolean;
}

/**
 * @param patienceSeconds that may go into repetitions.
 * @param pause between a disturbed turn and its repetition; it is told how long it may take.
 * @returns placings in the contestants' order.
 */
export async function race(
  contestants: readonly Take[],
  rounds: number,
  patienceSeconds: number,
  pause = quietMoment,
): Promise<Placing[]> {
  const turns: Turn[][] = contestants.map(() => []);
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

function place(turns: readonly Turn[], rounds: number): Placing {
  const quiet = turns.filter((turn) => turn.quiet);
  const enough = quiet.length > rounds / 2;
  const counted = enough ? quiet : turns;
  return { seconds: median(counted.map(({ seconds }) => seconds)), quiet: enough };
}
