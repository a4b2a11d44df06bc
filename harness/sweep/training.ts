/** @file Trains what is still open in some output folders, and finishes those that become complete. */

import type { ExitCode } from "../errors.ts";
import { EXIT } from "../errors.ts";
import type { EpochMessage } from "../train/messages.ts";
import type { Lock } from "./lock.ts";
import { logLine, logText } from "./log.ts";
import { type OutputFolder, isFinished, pendingSeeds, unfinish } from "./output-folder.ts";
import { type Interruption, type Task, runTasks } from "./pool.ts";
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
}

export interface TrainingOptions {
  /** Path of the worker's entry module. */
  worker: string;
  variables?: Record<string, string>;
  jobs: number;
  interruption: Interruption;
  /** Held on the folders, or on the folder around them. */
  lock: Lock;
  listener: TrainingListener;
  /** Called for every folder that is complete, also where nothing was left to do. */
  onFinished?: ((folder: OutputFolder) => Promise<void>) | undefined;
}

/**
 * Does all that is open. One configuration's failure leaves the others alone.
 *
 * @returns `ok`, also with diverged runs, which are results; 130 after an interrupt; the code of a
 * failure otherwise (1 when failures differ).
 */
export async function trainFolders(
  folders: OutputFolder[],
  options: TrainingOptions,
): Promise<ExitCode> {
  const tasks = cutTasks(folders, options.jobs);
  for (const folder of folders) if (pendingSeeds(folder).length > 0) unfinish(folder);
  const { listener } = options;
  listener.onPlan(tasks, Math.min(options.jobs, tasks.length));
  const left = new Map(folders.map((folder) => [folder.path, openTasks(folder, tasks)]));
  for (const folder of folders)
    if (left.get(folder.path) === 0) await finishIfComplete(folder, options);

  const ends = await runTasks(tasks, {
    ...options,
    onWorkers: options.lock.noteWorkers,
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
      if (left.get(task.folder) === 0)
        await finishIfComplete(
          folders.find(({ path }) => path === task.folder)!,
          options,
        );
    },
  });
  return exitCodeOf(ends, options.interruption);
}

function openTasks({ path }: OutputFolder, tasks: Task[]): number {
  return tasks.filter(({ folder }) => folder === path).length;
}

async function finishIfComplete(
  folder: OutputFolder,
  { onFinished }: Pick<TrainingOptions, "onFinished">,
): Promise<void> {
  if (pendingSeeds(folder).length > 0) return;
  if (!isFinished(folder)) await finishFolder(folder);
  await onFinished?.(folder);
}

function exitCodeOf(ends: TaskEnd[], { stop }: Interruption): ExitCode {
  const codes = ends.flatMap((end) => (end.type === "failed" ? end.exitCode : []));
  const distinct = [...new Set(codes)];
  if (distinct.length > 0) return distinct.length === 1 ? distinct[0]! : EXIT.runFailed;
  return stop.aborted && ends.some(({ type }) => type === "stopped") ? EXIT.interrupted : EXIT.ok;
}
