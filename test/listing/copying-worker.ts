/** @file Like `whole-worker.ts`, but every seed of a configuration has the counts of the same run: no rule lets that pass. */

import { aWholeRun } from "../record/statement/factories.ts";
import { answerTasks } from "./worker-protocol.ts";

answerTasks((arch, regs, seed) => ({ ...aWholeRun({ arch, regs, seed: 1 }), seed }));
