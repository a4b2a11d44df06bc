/** @file What the product costs beside the training itself. */

import type { Child } from "./child.ts";
import { THREADS, startHere } from "./contestants.ts";
import { median } from "./median.ts";
import { race } from "./race.ts";
import type { MemoryAnswer, RecordAnswer } from "./questions.ts";
import { turnsOf, type Effort } from "./turns.ts";

const MICRO_BATCH = 100;

export interface Overhead {
  /** Time of a step with micro-1's random-label heads over one without heads, for each architecture. */
  heads: Record<string, number>;
  /** Share of a wrn-16-1 step outside TensorFlow's session calls. */
  javascript: number;
  /** Share of a whole cnn-16 micro-1 run that its controls take. */
  controls: number;
  /** Of resnet-18: recording and loading, then the first step, which optimises the graph. */
  record: RecordAnswer;
  /** Over 1,000 steps: tensors and resident memory at each tenth. */
  memory: MemoryAnswer;
  /** Time of two runs one after the other over the time of both at once, on two cores. */
  parallel: Record<string, number>;
}

export const HEADS_MODELS = ["cnn-16", "wrn-16-1", "mlp-512"] as const;
export const PARALLEL_MODELS = ["wrn-16-1", "mlp-128"] as const;

type Measures = { [K in keyof Overhead]: (here: Child, effort: Effort) => Promise<Overhead[K]> };

const each = async (models: readonly string[], one: (model: string) => Promise<number>) => {
  const found: Record<string, number> = {};
  for (const model of models) found[model] = await one(model);
  return found;
};

export const measures: Measures = {
  heads: (here, effort) =>
    each(HEADS_MODELS, async (model) => {
      const takes = [];
      for (const heads of ["micro-1", "none"] as const)
        takes.push(await turnsOf(here, { model, batch: MICRO_BATCH, heads }, effort));
      const [withHeads, without] = await race(takes, effort.rounds, effort.patienceSeconds);
      return withHeads!.seconds / without!.seconds;
    }),

  async javascript(here, { rounds }) {
    const shares: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const question = { ask: "javascript", model: "wrn-16-1", batch: 128, steps: 8 } as const;
      const { seconds, outsideSeconds } = await here.ask<"javascript">(question);
      shares.push(outsideSeconds / seconds);
    }
    return median(shares);
  },

  async controls(here) {
    const run = await here.ask<"run">({ ask: "run", model: "cnn-16" });
    const { trainSeconds, evaluateSeconds, controlSeconds } = run;
    return controlSeconds / (trainSeconds + evaluateSeconds + controlSeconds);
  },

  record: (here) => here.ask<"record">({ ask: "record", model: "resnet-18", batch: 128 }),

  // A small batch, because it is the number of steps that could leak.
  memory: (here, { turnSeconds }) =>
    here.ask<"memory">({
      ask: "memory",
      model: "wrn-16-1",
      batch: 16,
      steps: turnSeconds < 1 ? 100 : 1000,
    }),

  parallel: (here, effort) => each(PARALLEL_MODELS, (model) => parallelGain(here, model, effort)),
};

/**
 * Two runs: one after the other, each on both cores; or both at once, each on one core of its own. The turns of a
 * pair at once keep each other company, so nothing is thrown away as disturbed.
 */
async function parallelGain(here: Child, model: string, effort: Effort): Promise<number> {
  const training = { model, batch: MICRO_BATCH, heads: "micro-1" } as const;
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
