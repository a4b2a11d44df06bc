/** @file Trains cells as `rademark sweep` does, into folders that it, `resume`, `report` and `measures` read. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { requireTrainable } from "../harness/cli/readiness.ts";
import { train } from "../harness/cli/training.ts";
import { planOne } from "../harness/cli/training-arguments.ts";
import { EXIT, type ExitCode } from "../harness/errors.ts";
import {
  type PlannedRun,
  isFinished,
  openFolder,
  pendingSeeds,
} from "../harness/study/run-folder.ts";
import { prepareSweep } from "../harness/study/sweep-folder.ts";
import { NO_CUSTOM_CODE } from "../record/custom-code.ts";
import type { ReferenceCell } from "../record/replication/reference.ts";
import { protocolOf } from "./cost.ts";
import { type Sitting, worse } from "./sitting.ts";
import type { Step } from "./steps.ts";
import { type Store, cellPath, finishedSeeds, sweepPath } from "./store.ts";

/** Trains what is missing of a step; a kill at any moment loses one epoch at most. */
export async function trainStep(step: Step, sitting: Sitting): Promise<ExitCode> {
  const { store, jobs, quiet, again, effects } = sitting;
  const open = step.cells.filter((cell) => !isTrained(store, cell, step.seeds(cell)));
  let exitCode: ExitCode = EXIT.ok;
  for (const [root, cells] of Map.groupBy(open, (cell) => sweepPath(store, cell))) {
    const plannedRuns = cells.map((cell) => planRun(cell, step.seeds(cell)));
    await requireTrainable(plannedRuns, { jobs, quiet }, effects);
    const trained = await train(
      {
        ...{ root, many: true, jobs, devices: null, quiet, code: [], typed: [], again },
        prepare: (environment) => prepareSweep(root, plannedRuns, jobs, environment),
      },
      effects,
    );
    exitCode = worse(exitCode, trained.exitCode);
    if (exitCode === EXIT.interrupted) break;
  }
  return exitCode;
}

/** Has every seed its run, and the folder, if that is all it holds, its manifest? */
export function isTrained(store: Store, cell: ReferenceCell, seeds: readonly number[]): boolean {
  const path = cellPath(store, cell);
  if (finishedSeeds(path, seeds).length < seeds.length) return false;
  const folder = existsSync(join(path, "config.json")) ? openFolder(path) : null;
  return folder !== null && (isFinished(folder) || pendingSeeds(folder).length > 0);
}

/** One thread a run, so that cells are alike on machines with other numbers of cores. */
export function planRun(cell: ReferenceCell, seeds: readonly number[]): PlannedRun {
  const { network: arch, base, regs, headInput } = cell;
  const choice = { arch, regs, ...NO_CUSTOM_CODE, sources: { source: null, regSource: null } };
  const planned = planOne(choice, protocolOf(cell), {
    ...{ protocol: base, set: [], seeds: () => [...seeds], limit: null, threads: 1 },
    ...{ save: [], measures: true, headInput, headLayers: 1, perClass: false },
  });
  return { ...planned, data: null };
}
