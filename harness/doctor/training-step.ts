/** @file The self-test itself: one training step of a tiny network, and what it leaves behind. */

import { createHash } from "node:crypto";
import { runEagerly } from "../engine/eager-session.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import type { Values } from "../engine/tensorflow.ts";
import { hash32 } from "../random.ts";
import type { Step } from "./questions.ts";
import { tinyTrainer } from "./tiny-task.ts";

/** Much of the method in one step: augmentation, dropout, weight decay, and a gradient through a frozen head. */
const REGULARIZERS = "aug,dropout=0.2,wd=0.005,rl=1";
const SEED = 3;
/** Values sent of one tensor: enough to see a difference, few enough for a pipe. */
const SAMPLE = 2000;

export async function trainingStep(arch: string, how: "graph" | "eager"): Promise<Step> {
  const start = performance.now();
  const open = how === "graph" ? recordProgram : runEagerly;
  const trainer = tinyTrainer(arch, REGULARIZERS, { open });
  try {
    trainer.start(SEED);
    for await (const _ of trainer.train(0, 0, 1));
    const state = trainer.built.state;
    const values = trainer.session.read(state);
    const seconds = (performance.now() - start) / 1000;
    const floats = state.flatMap(({ name, dtype }, i) =>
      dtype === "float32" ? [{ name, values: sampled(values[i]!) }] : [],
    );
    return { arch, seconds, digest: digest(values), tensors: floats };
  } finally {
    trainer.close();
  }
}

/** Scattered places: a fixed stride would meet the same channel again and again. */
function sampled(values: Values): Float32Array {
  if (values.length <= SAMPLE) return Float32Array.from(values);
  return Float32Array.from({ length: SAMPLE }, (_, i) => values[hash32(SEED, i) % values.length]!);
}

function digest(tensors: readonly Values[]): string {
  const hash = createHash("sha256");
  for (const values of tensors) hash.update(values);
  return hash.digest("hex");
}
