/** @file Like `whole-worker.ts`, but every seed of a configuration has the counts of the same run: no rule lets that pass. */

import { aWholeRun } from "./runs.ts";
import { answerTasks } from "./whole-worker.ts";

answerTasks((arch, regs, seed) => ({ ...aWholeRun({ arch, regs, seed: 1 }), seed }));
