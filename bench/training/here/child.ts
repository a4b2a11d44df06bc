/** @file This product's side of the race: a process with TensorFlow in it that answers JSON lines on stdin. */

import "./library-clock.ts";
import { createInterface } from "node:readline";
import { binding } from "../../../harness/engine/tensorflow.ts";
import type { Question } from "../race-questions.ts";
import { answer } from "./answer.ts";

const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

say({ tensorflow: binding.TF_Version, node: process.versions.node });
for await (const line of createInterface({ input: process.stdin }))
  say(await answer(JSON.parse(line) as Question));
process.exit(0);
