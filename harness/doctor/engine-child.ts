/** @file The doctor's child process: loads TensorFlow, obeys `Question`, answers `FromEngine`. */

import type { Answers, FromEngine, Question } from "./questions.ts";

const send = (message: FromEngine, then: () => void = () => undefined) => {
  if (process.connected) process.send!(message, then);
};

/** Loaded by hand, so that a library that cannot be loaded is an answer too. */
async function load() {
  const { binding } = await import("../engine/tensorflow.ts");
  const { measureRate } = await import("./training-step.ts");
  const { trainingStep } = await import("./training-step.ts");
  const library = { version: binding.TF_Version, gpu: binding.isUsingGpuDevice() };
  send({ type: "loaded", library });
  return (question: Question): Promise<Answers[keyof Answers]> | number =>
    question.ask === "step"
      ? trainingStep(question.arch, question.how)
      : measureRate(question.work);
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

const loaded = load().catch((error: unknown) => {
  send({ type: "refused", words: words(error) }, () => process.exit(1));
  return null;
});

async function reply(question: Question): Promise<void> {
  const answerTo = await loaded;
  if (!answerTo) return;
  try {
    send({ type: "answer", answer: await answerTo(question) });
  } catch (error) {
    send({ type: "refused", words: words(error) });
  }
}

// A parent that is gone, however it went, takes this process with it.
process.on("disconnect", () => process.exit());
process.on("message", (question: Question) => void reply(question));
