/** @file One contestant's turns: as many steps as fill the time of a turn. */

import type { Child } from "./child.ts";
import type { Heads } from "./questions.ts";
import { watch } from "./quiet.ts";
import type { Take } from "./race.ts";

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
export async function turnsOf(child: Child, training: Training, effort: Effort): Promise<Take> {
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
