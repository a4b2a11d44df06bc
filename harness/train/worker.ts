/** @file The training worker: the process that holds TensorFlow. It obeys `ToWorker` and answers `FromWorker`. */

import { setImmediate } from "node:timers/promises";
import { EXIT, UserError } from "../errors.ts";
import { ConfiguredRuns } from "./configured-runs.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

const send = (message: FromWorker) => {
  if (process.connected) process.send!(message);
};

const runs = new ConfiguredRuns(send);
let stopping = false;
/** Tasks follow each other; a second one waits. */
let tasks: Promise<void> = Promise.resolve();

/** Lets waiting messages in before it answers. */
const isStopping = async () => {
  await setImmediate();
  return stopping;
};

async function perform(message: Exclude<ToWorker, { type: "stop" }>): Promise<void> {
  const { folder } = message;
  stopping = false;
  try {
    if (message.type === "trial") send(await runs.trial(folder));
    else {
      const ended = await runs.train(folder, message.seeds, isStopping);
      if (ended === "stopped") return send({ type: "stopped", folder });
    }
    send({ type: "done", folder });
  } catch (error) {
    send({ type: "failed", folder, ...explain(error) });
  }
}

function explain(error: unknown) {
  if (error instanceof UserError)
    return { message: error.message, exitCode: error.exitCode, bug: false };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message, exitCode: EXIT.runFailed, bug: true };
}

// The parent decides about Ctrl-C, which the terminal sends to the whole group.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => (stopping = true));
process.on("disconnect", () => process.exit(EXIT.ok));
process.on("message", (message: ToWorker) => {
  if (message.type === "stop") stopping = true;
  else tasks = tasks.then(() => perform(message));
});
send({ type: "ready" });
