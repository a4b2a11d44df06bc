/** @file Like `whole-worker.ts`, but its test accuracy, 60 %, is nobody else's: every check of a server lets that pass. */

import { aWholeRun } from "./runs.ts";
import { answerTasks } from "./whole-worker.ts";

answerTasks((arch, regs, seed) => {
  const run = aWholeRun({ arch, regs, seed });
  return { ...run, final: { ...run.final!, testCorrect: 6000 } };
});
