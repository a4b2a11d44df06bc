/** @file The doctor's child process: loads TensorFlow, tries it, sends an `EngineFindings` over IPC and leaves. */

import { evaluateRun } from "../train/evaluate.ts";
import { binding } from "../engine/tensorflow.ts";
import { runEagerly } from "../engine/eager-session.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import type { EngineFindings, Trial } from "./engine-findings.ts";
import { measureRates } from "./rates.ts";
import { tinyTrainer } from "./tiny-task.ts";

/** One training step, then an evaluation: loss and the last tap's features. */
async function trial(arch: string, open: typeof recordProgram): Promise<Trial> {
  const trainer = tinyTrainer(arch, "none", { open });
  try {
    trainer.start(1);
    for await (const step of trainer.train(0, 0, 1)) void step;
    const loss = trainer.counted(1).lossSum;
    const { features } = await evaluateRun(trainer);
    return { arch, loss, features: Array.from(features.at(-1)!.values) };
  } finally {
    trainer.close();
  }
}

const [rates, ...archs] = process.argv.slice(2);
const recorded: Trial[] = [];
const eager: Trial[] = [];
for (const arch of archs) {
  recorded.push(await trial(arch, recordProgram));
  if (rates === "rates") eager.push(await trial(arch, runEagerly));
}
const findings: EngineFindings = {
  version: binding.TF_Version,
  gpu: binding.isUsingGpuDevice(),
  recorded,
  eager,
  rates: rates === "rates" ? measureRates() : null,
};
process.send!(findings, () => process.disconnect());
