/** @file What the tests of training do to the doctor's tiny task. */

import type { Trainer } from "../../harness/train/trainer.ts";

export { tinyProtocol, tinyTrainer, type TinyOptions } from "../../harness/doctor/training-step.ts";

/** Runs whole calls. */
export async function trainSteps(trainer: Trainer, epoch: number, from: number, to: number) {
  for await (const step of trainer.train(epoch, from, to)) void step;
}

/** The session's state by name. */
export function stateOf({ session, built }: Trainer): Map<string, ArrayLike<number>> {
  const values = session.read(built.state);
  return new Map(built.state.map(({ name }, i) => [name, values[i]!]));
}
