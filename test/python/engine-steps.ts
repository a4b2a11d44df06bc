/** @file Steps of the engine on a tiny task, as numbers that another implementation can repeat. */

import { PURPOSE, hash32, permutation, seedWords } from "../../record/random.ts";
import { mixNumbers } from "../../harness/train/images.ts";
import { learningRate } from "../../record/head-places.ts";
import { stateOf, tinyProtocol, tinyTrainer, trainSteps } from "../train/tiny.ts";

const SEED = 3;
const STEPS = 5;

/** Two taps with heads of two label spaces; every batch norm of gradients is clipped. */
const protocol = tinyProtocol({
  heads: [
    { n: 100, draws: 2, taps: "all" },
    { n: 10, draws: 2, taps: "all" },
  ],
  frozenHeads: false,
  clipNorm: 0.5,
});

/**
 * @param regs such as `wd=0.01,rl=3:confusion@1,mixup=0.2`
 * @returns what a step is made of, the state before the first, after the first and after the last, and correct random labels.
 */
export async function engineSteps(regs: string) {
  const trainer = tinyTrainer("mlp-8", regs, { protocol });
  try {
    trainer.start(SEED);
    const { trainIndices, resident } = trainer.samples;
    const state = () =>
      Object.fromEntries(Array.from(stateOf(trainer), ([name, v]) => [name, Array.from(v)]));
    const [key, m] = [hash32(...seedWords(SEED)), trainIndices.length];
    const steps = Array.from({ length: STEPS }, (_, step) => step);
    const { image, batch } = protocol;
    const document = {
      ...{ seed: SEED, index: Array.from(trainIndices), batch, clipNorm: protocol.clipNorm! },
      pixels: Array.from(resident!.train),
      classes: Array.from(trainer.trainedClasses),
      normalize: protocol.normalize,
      order: Array.from(permutation(m, key, PURPOSE.order, 0)),
      rates: steps.map((step) => learningRate(protocol, step, trainer.steps)),
      // blend of the images, then weight of a sample's own label; the partner is the batch in reverse
      mix: steps.map((step) => mixNumbers(trainer.plan.regularizers, image, key, step)[1]!),
      regularizers: trainer.plan.regularizers,
    };
    const states = [state()];
    await trainSteps(trainer, 0, 0, 1);
    states.push(state());
    await trainSteps(trainer, 0, 1, STEPS);
    states.push(state());
    return { ...document, states, online: trainer.counted(STEPS).online };
  } finally {
    trainer.close();
  }
}
