/** @file Steps of training through the product's own loop, as many as are asked for. */

import type { Trainer } from "../../train/trainer.ts";
import { raceTrainer, type Race } from "./bench-trainer.ts";

/** Calls before the clock counts: TensorFlow optimises the graph at the first. */
const WARM_UP_CALLS = 3;

/** Goes through epochs without an end; the counts are read after each, as in a run. */
export class EndlessTraining {
  readonly trainer: Trainer;
  #steps: AsyncGenerator<void> | null = null;

  constructor(trainer: Trainer) {
    this.trainer = trainer;
  }

  /** Trains at least this many steps. @returns how many. */
  async run(steps: number): Promise<number> {
    this.#steps ??= this.#calls();
    let done = 0;
    for (; done < steps; done += this.trainer.sizes.stepsPerCall) await this.#steps.next();
    return done;
  }

  async *#calls(): AsyncGenerator<void> {
    for (let epoch = 0; ; epoch++) {
      for await (const step of this.trainer.train(epoch)) {
        void step;
        yield;
      }
      this.trainer.counted(this.trainer.steps);
    }
  }
}

const ready = new Map<string, EndlessTraining>();

/** Built and warmed up at the first call for it, then kept. */
export async function trainingOf(race: Race): Promise<EndlessTraining> {
  const key = JSON.stringify(race);
  const known = ready.get(key);
  if (known) return known;
  const training = new EndlessTraining(raceTrainer(race));
  await training.run(WARM_UP_CALLS * training.trainer.sizes.stepsPerCall);
  ready.set(key, training);
  return training;
}

/** Seconds a step takes, times `steps`: calls hold several steps, so a few more may be run. */
export async function timeSteps(race: Race, steps: number): Promise<number> {
  const training = await trainingOf(race);
  const start = performance.now();
  const done = await training.run(steps);
  const seconds = (performance.now() - start) / 1000;
  return done > 0 ? (seconds * steps) / done : 0;
}
