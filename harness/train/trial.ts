/** @file A few steps of a run, to say what a whole one will take. */

import { setImmediate } from "node:timers/promises";
import type { TrialMessage } from "./messages.ts";
import type { Trainer } from "./trainer.ts";

/** The first call optimises the graph, so the second is the one that counts. */
export async function trial(
  trainer: Trainer,
): Promise<
  Pick<TrialMessage, "parameters" | "secondsPerStep" | "evaluateSecondsPerImage" | "residentBytes">
> {
  trainer.start(0);
  const { stepsPerCall, evaluateBatch } = trainer.sizes;
  let [then, secondsPerStep] = [performance.now(), 0];
  for await (const _ of trainer.train(0, 0, Math.min(2 * stepsPerCall, trainer.steps))) {
    secondsPerStep = (performance.now() - then) / 1000 / stepsPerCall;
    await setImmediate();
    then = performance.now();
  }
  const rows = new Int32Array(evaluateBatch);
  let evaluateSeconds = 0;
  for (let i = 0; i < 2; i++) {
    const pixels = await trainer.evaluationPixels("test", rows);
    const start = performance.now();
    trainer.session.run("evaluate-test", { rows, ...pixels });
    evaluateSeconds = (performance.now() - start) / 1000;
  }
  return {
    parameters: trainer.built.network.net.size,
    secondsPerStep,
    evaluateSecondsPerImage: evaluateSeconds / evaluateBatch,
    residentBytes: process.resourceUsage().maxRSS * 1024,
  };
}
