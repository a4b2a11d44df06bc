/** @file What `run`, `sweep`, `resume` and `start` share: lock, data, training, and what to say at the end. */

import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { type Environment, describeEnvironment } from "../sweep/environment.ts";
import { requireEngine } from "../sweep/installed-engine.ts";
import { lockFolder } from "../sweep/lock.ts";
import { RunLocks } from "../sweep/run-locks.ts";
import { type OutputFolder, pendingSeeds } from "../sweep/output-folder.ts";
import { trainFolders } from "../sweep/pool.ts";
import { workerVariables } from "./common-arguments.ts";
import { resumeLine } from "./command-line.ts";
import type { Effects } from "./effects.ts";
import { fetchDatasets } from "./fetching.ts";
import { interruptible } from "./interruption.ts";
import { createProgress } from "./progress.ts";

export interface TrainingPlan {
  /** A run's own folder, or with `many` the sweep's around all of its runs. */
  root: string;
  many: boolean;
  jobs: number;
  quiet: boolean;
  /** Makes or opens the output folders, once the root is locked. */
  prepare: (environment: Environment) => OutputFolder[] | Promise<OutputFolder[]>;
  /**
   * Called for every folder that is complete, as soon as it is.
   *
   * @param makeRoom to be called right before anything is printed.
   */
  onFinished?: (folder: OutputFolder, makeRoom: () => void) => Promise<void>;
  /** The line that goes on with what is left; `rademark resume ROOT` unless said otherwise. */
  again?: string;
}

/** Trains all that is open; tells on stderr how to go on where something is left. */
export async function train(
  plan: TrainingPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  const ended = await trainOpen(plan, effects).catch((error: unknown) => {
    // Before anything was trained: while waiting for a lock, or while data are fetched.
    if (!(error instanceof UserError) || error.exitCode !== EXIT.interrupted) throw error;
    return { folders: [], exitCode: error.exitCode };
  });
  tellRest(ended.exitCode, plan.again ?? resumeLine(plan.root, effects), effects);
  return ended;
}

function trainOpen(
  plan: TrainingPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  return interruptible(effects, async (interruption) => {
    const { root, many, jobs, quiet, onFinished } = plan;
    makeFolder(root);
    const waits = { onWait: (line: string) => effects.err(`${line}\n`), signal: interruption.stop };
    // A sweep's own folder is held while its plan is made, by one process after the other.
    const lock = await lockFolder(root, many ? { ...waits, patience: Infinity } : waits);
    try {
      const folders = await prepareAll(plan, effects);
      if (many) lock.release();
      const open = folders.filter((folder) => pendingSeeds(folder).length > 0);
      if (!interruption.stop.aborted) await fetchDatasets(open, effects, quiet);
      const listener = createProgress(effects, quiet);
      const locks = new RunLocks(waits, many ? null : { folder: root, lock });
      const exitCode = await trainFolders(folders, {
        ...{ worker: effects.worker, variables: workerVariables(effects.env) },
        ...{ jobs, locks, listener, interruption },
        onFinished: onFinished && ((folder) => onFinished(folder, listener.makeRoom)),
      });
      return { folders, exitCode };
    } finally {
      lock.release();
    }
  });
}

async function prepareAll({ prepare }: TrainingPlan, effects: Effects): Promise<OutputFolder[]> {
  const folders = await prepare(describeEnvironment(effects.now()));
  for (const { path, configuration } of folders) requireEngine(path, configuration);
  return folders;
}

function tellRest(exitCode: ExitCode, again: string, effects: Effects): void {
  if (exitCode === EXIT.ok) return;
  const what =
    exitCode === EXIT.interrupted
      ? "Interrupted. Go on with:"
      : "Not everything could be trained. Try again with:";
  effects.err(`${what} ${again}\n`);
}
