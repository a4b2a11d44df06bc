/** @file Answers to the benchmark's questions about this product. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Run } from "../../../record/run.ts";
import { binding, tf, tidy } from "../../engine/tensorflow.ts";
import { ControlMeter } from "../../measure/controls.ts";
import { runFiles } from "../../train/run-folder.ts";
import { runSeed } from "../../train/run-seed.ts";
import type { Answers, MemoryAnswer, Question, RecordAnswer, RunAnswer } from "../questions.ts";
import { benchConfiguration, microTrainer, raceTrainer } from "./bench-trainer.ts";
import { librarySeconds } from "./library-clock.ts";
import { timeSteps, trainingOf } from "./training.ts";

type Asked<K extends Question["ask"]> = Extract<Question, { ask: K }>;

const MEMORY_LOOKS = 10;

export async function answer(question: Question): Promise<Answers[Question["ask"]]> {
  switch (question.ask) {
    case "steps":
      return { seconds: await timeSteps(raceOf(question), question.steps) };
    case "sgemm":
      return { seconds: sgemm(question) };
    case "javascript":
      return javascript(question);
    case "record":
      return record(question);
    case "memory":
      return memory(question);
    case "run":
      return wholeRun(question);
  }
}

const raceOf = ({ model, batch, ...rest }: { model: string; batch: number }) => {
  const { heads = "one" } = rest as Pick<Asked<"steps">, "heads">;
  return { model, batch, heads };
};

function sgemm({ size, repeats }: Asked<"sgemm">): number {
  return tidy(() => {
    const a = tf.ones([size, size]);
    const start = performance.now();
    for (let i = 0; i < repeats; i++) tf.matMul(a, a).dataSync();
    return (performance.now() - start) / 1000;
  });
}

/** Time inside the session's calls counts as TensorFlow's, the rest as JavaScript's. */
async function javascript(question: Asked<"javascript">) {
  const training = await trainingOf(raceOf(question));
  const [start, inside] = [performance.now(), librarySeconds()];
  await training.run(question.steps);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, outsideSeconds: seconds - (librarySeconds() - inside) };
}

async function record({ model, batch }: Asked<"record">): Promise<RecordAnswer> {
  const start = performance.now();
  const trainer = raceTrainer({ model, batch, heads: "one" });
  const loaded = performance.now();
  try {
    await trainer.train(0, 0, trainer.sizes.stepsPerCall).next();
    const stepped = performance.now();
    return {
      recordAndLoadSeconds: (loaded - start) / 1000,
      firstStepSeconds: (stepped - loaded) / 1000,
    };
  } finally {
    trainer.close();
  }
}

async function memory(question: Asked<"memory">): Promise<MemoryAnswer> {
  const training = await trainingOf(raceOf(question));
  const seen: MemoryAnswer = { steps: [], tensors: [], residentBytes: [] };
  let done = 0;
  for (let look = 0; look <= MEMORY_LOOKS; look++) {
    seen.steps.push(done);
    seen.tensors.push(binding.getNumOfTensors());
    seen.residentBytes.push(process.memoryUsage.rss());
    if (look < MEMORY_LOOKS) done += await training.run(question.steps / MEMORY_LOOKS);
  }
  return seen;
}

async function wholeRun({ model }: Asked<"run">): Promise<RunAnswer> {
  const outputFolder = mkdtempSync(join(tmpdir(), "rademark-bench-"));
  const trainer = microTrainer(model);
  try {
    await runSeed(trainer, new ControlMeter(), {
      outputFolder,
      configuration: benchConfiguration(trainer.plan.protocol, model),
      seed: 1,
      stopping: () => Promise.resolve(false),
      onEpoch: () => undefined,
      onControls: () => undefined,
    });
    const { final } = runFiles(outputFolder, 1);
    const { trainSeconds, evaluateSeconds, controlSeconds } = Run.parse(
      JSON.parse(readFileSync(final, "utf8")),
    ).timing;
    return { trainSeconds, evaluateSeconds, controlSeconds };
  } finally {
    trainer.close();
    rmSync(outputFolder, { recursive: true, force: true });
  }
}
