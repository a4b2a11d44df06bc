/** @file Trains what is still open in some output folders, and finishes those that become complete. */

import { EXIT, type ExitCode, UserError } from "../errors.ts";
import type { EpochMessage } from "../train/messages.ts";
import { FolderInUse } from "./lock.ts";
import { logLine, logText } from "./log.ts";
import { type OutputFolder, isFinished, pendingSeeds, unfinish } from "./output-folder.ts";
import { type Interruption, type Task, runTasks } from "./pool.ts";
import type { RunLocks } from "./run-locks.ts";
import { finishFolder } from "./summary.ts";
import { cutTasks } from "./tasks.ts";
import type { TaskEnd } from "./worker-process.ts";

/** Hears what happens; all of it is also in the folders' log.txt. */
export interface TrainingListener {
  /** All tasks, before the first begins. */
  onPlan(tasks: Task[], lanes: number): void;
  onStart(task: Task): void;
  onEpoch(task: Task, message: EpochMessage): void;
  onSeed(task: Task, seed: number, status: "completed" | "diverged"): void;
  onEnd(task: Task, end: TaskEnd): void;
  /** A folder that another process is working on, once for each. */
  onSkip(folder: OutputFolder, message: string): void;
}

export interface TrainingOptions {
  /** Path of the worker's entry module. */
  worker: string;
  variables?: Record<string, string>;
  jobs: number;
  interruption: Interruption;
  locks: RunLocks;
  listener: TrainingListener;
  /** Called for every folder that is complete, also where nothing was left to do. */
  onFinished?: ((folder: OutputFolder) => Promise<void>) | undefined;
}

/**
 * Does all that is open. One configuration's failure leaves the others alone. A folder that another process holds is
 * passed over, told of, and looked at once more when the others are done.
 *
 * @returns `ok`, also with diverged runs, which are results; 130 after an interrupt; the code of a
 * failure otherwise (1 when failures differ), 2 where a folder was in use to the end.
 */
export async function trainFolders(
  folders: OutputFolder[],
  options: TrainingOptions,
): Promise<ExitCode> {
  const { ends, inUse } = await trainFree(folders, options, 0);
  if (inUse.size === 0 || options.interruption.stop.aborted)
    return exitCodeOf(ends, inUse.size > 0);
  const again = await trainFree([...inUse], options, LAST_PATIENCE);
  return exitCodeOf([...ends, ...again.ends], again.inUse.size > 0);
}

/** Milliseconds: a process that has just been told to end may take a moment. */
const LAST_PATIENCE = 2_000;

interface Trained {
  ends: TaskEnd[];
  inUse: ReadonlySet<OutputFolder>;
}

/** @param patience milliseconds that each folder's holder is waited for. */
async function trainFree(
  folders: OutputFolder[],
  options: TrainingOptions,
  patience: number,
): Promise<Trained> {
  const tasks = cutTasks(folders, options.jobs);
  const { listener, locks, interruption } = options;
  listener.onPlan(tasks, Math.min(options.jobs, tasks.length));
  const byPath = new Map(folders.map((folder) => [folder.path, folder]));
  const left = new Map(folders.map((folder) => [folder.path, openTasks(folder, tasks)]));
  const inUse = new Set<OutputFolder>();
  const skip = (folder: OutputFolder, { message }: FolderInUse): void => {
    if (!inUse.has(folder) && patience === 0) listener.onSkip(folder, message);
    inUse.add(folder);
  };
  for (const folder of folders)
    if (left.get(folder.path) === 0) await finishAlone(folder, { ...options, patience }, skip);

  const ends = await runTasks(tasks, {
    ...options,
    onWorkers: (pids) => locks.noteWorkers(pids),
    async admit(task) {
      const folder = byPath.get(task.folder)!;
      try {
        const { token } = await locks.take(task.folder, patience);
        const pending = pendingSeeds(folder);
        if (pending.length > 0) unfinish(folder);
        return { token, seeds: task.seeds.filter((seed) => pending.includes(seed)) };
      } catch (error) {
        if (error instanceof FolderInUse) skip(folder, error);
        else if (!(error instanceof UserError && interruption.stop.aborted)) throw error;
        return null;
      }
    },
    onStart(task) {
      logLine(task.folder, `training seeds ${task.seeds.join(", ")}, ${task.threads} threads`);
      listener.onStart(task);
    },
    onProgress(task, message) {
      if (message.type === "epoch") {
        logLine(task.folder, JSON.stringify({ ...message, folder: undefined, type: undefined }));
        listener.onEpoch(task, message);
      } else if (message.type === "seed") {
        logLine(task.folder, `seed ${message.seed} ${message.status}`);
        listener.onSeed(task, message.seed, message.status);
      }
    },
    onLog: ({ folder }, text) => logText(folder, text),
    async onEnd(task, end) {
      logLine(task.folder, end.type === "failed" ? `failed: ${end.message}` : end.type);
      listener.onEnd(task, end);
      left.set(task.folder, left.get(task.folder)! - 1);
      try {
        if (left.get(task.folder) === 0 && end.type !== "failed")
          await finishIfComplete(byPath.get(task.folder)!, options);
      } finally {
        await locks.leave(task.folder);
      }
    },
  });
  return { ends: ends.filter((_, i) => !inUse.has(byPath.get(tasks[i]!.folder)!)), inUse };
}

function openTasks({ path }: OutputFolder, tasks: Task[]): number {
  return tasks.filter(({ folder }) => folder === path).length;
}

/** Of a folder without a task; nobody is disturbed where nothing is to be written. */
async function finishAlone(
  folder: OutputFolder,
  options: TrainingOptions & { patience: number },
  skip: (folder: OutputFolder, error: FolderInUse) => void,
): Promise<void> {
  if (isFinished(folder) && !options.onFinished) return;
  try {
    await options.locks.while(folder.path, options.patience, () =>
      finishIfComplete(folder, options),
    );
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    skip(folder, error);
  }
}

async function finishIfComplete(
  folder: OutputFolder,
  { onFinished }: Pick<TrainingOptions, "onFinished">,
): Promise<void> {
  if (pendingSeeds(folder).length > 0) return;
  if (!isFinished(folder)) await finishFolder(folder);
  await onFinished?.(folder);
}

/** @param isInUse whether another process kept a folder to the end. */
function exitCodeOf(ends: TaskEnd[], isInUse: boolean): ExitCode {
  const codes = ends.flatMap((end) => (end.type === "failed" ? end.exitCode : []));
  const distinct = [...new Set(isInUse ? [...codes, EXIT.usage] : codes)];
  if (ends.some(({ type }) => type === "stopped")) return EXIT.interrupted;
  if (distinct.length > 0) return distinct.length === 1 ? distinct[0]! : EXIT.runFailed;
  return EXIT.ok;
}
