/** @file The doctor's child process: loads TensorFlow, receives `Question` and sends `FromEngine`. */

import type { Answers, FromEngine, Question } from "./engine-questions.ts";

const send = (message: FromEngine, then: () => void = () => undefined) => {
  if (process.connected) process.send!(message, then);
};

/** Imported dynamically, so that a library that does not load can be reported. */
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

// When the parent is gone, for whatever reason, this process ends too.
process.on("disconnect", () => process.exit());
process.on("message", (question: Question) => void reply(question));
