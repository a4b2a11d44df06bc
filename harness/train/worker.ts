/** @file The training worker: the process that holds TensorFlow. It obeys `ToWorker` and answers `FromWorker`. */

import { wasTold } from "./worker-signals.ts";
import { setImmediate } from "node:timers/promises";
import { catchSystemErrors } from "../../setup/shared/system-error.mjs";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, requireFences } from "../files.ts";
import { fenceFolder } from "../sweep/lock.ts";
import { ConfiguredRuns } from "./configured-runs.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

catchSystemErrors("", EXIT.runFailed);

const send = (message: FromWorker) => {
  if (process.connected) process.send!(message);
};

const runs = new ConfiguredRuns(send);
/** Between two looks at the folder's lock; a suspended process looks at once when it wakes. */
const LOOK_MILLISECONDS = 1_000;

let stopping = false;
/** Tasks follow each other; a second one waits. */
let tasks: Promise<void> = Promise.resolve();

/** Lets waiting messages in before it answers. @throws UserError where another process has the folder now. */
const stopper = (folder: string) => {
  let lookedAt = performance.now();
  return async () => {
    await setImmediate();
    if (performance.now() - lookedAt > LOOK_MILLISECONDS) {
      requireFences(folder);
      lookedAt = performance.now();
    }
    stopping ||= wasTold();
    return stopping;
  };
};

async function perform(message: Exclude<ToWorker, { type: "stop" }>): Promise<void> {
  const { folder } = message;
  stopping = false;
  try {
    if (message.type === "trial") send(await runs.trial(folder));
    else if (message.type === "weigh") send(await runs.weigh(folder));
    else {
      const unfence = message.token ? fenceFolder(folder, message.token) : () => undefined;
      try {
        const ended = await runs.train(folder, message.seeds, stopper(folder));
        if (ended === "stopped") return send({ type: "stopped", folder });
      } finally {
        unfence();
      }
    }
    send({ type: "done", folder });
  } catch (error) {
    send({ type: "failed", folder, ...explain(error) });
  }
}

function explain(thrown: unknown) {
  const error = explainDisk(thrown);
  if (error instanceof UserError)
    return { message: error.message, exitCode: error.exitCode, bug: false };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message, exitCode: EXIT.runFailed, bug: true };
}

process.on("disconnect", () => process.exit(EXIT.ok));
process.on("message", (message: ToWorker) => {
  if (message.type === "stop") stopping = true;
  else tasks = tasks.then(() => perform(message));
});
send({ type: "ready" });
