/** @file Spreads tasks over a fixed number of training workers. */

import { type TaskEnd, type Progress, WorkerProcess } from "./worker-process.ts";

/** Some seeds of one output folder: what one worker does in one go. */
export interface Task {
  folder: string;
  arch: string;
  regs: string;
  seeds: number[];
  /** TensorFlow's threads. */
  threads: number;
}

/** Ctrl-C: the first asks for checkpoints, the second ends everything at once. */
export interface Interruption {
  stop: AbortSignal;
  kill: AbortSignal;
}

export interface Admission {
  /** Of the folder's lock. */
  token: string;
  /** Those of the task that are still to train; without any it is done. */
  seeds: number[];
}

export interface PoolOptions {
  /** Path of the worker's entry module. */
  worker: string;
  /** What the command line says of cache, ImageNet and checkpoints, for the workers. */
  variables?: Record<string, string>;
  /** Workers at the same time. */
  jobs: number;
  interruption: Interruption;
  /** Asked before a task begins; null: it is not to begin. */
  admit?(task: Task): Promise<Admission | null>;
  onStart(task: Task): void;
  onProgress(task: Task, message: Progress): void;
  onLog(task: Task, text: string): void;
  /** The task's lane waits for it. */
  onEnd(task: Task, end: TaskEnd): void | Promise<void>;
  /** The ids of the living workers, whenever they change. */
  onWorkers?(pids: number[]): void;
}

/**
 * Runs all tasks, first come first served. A failed task, or the death of its worker, leaves the
 * others alone. Tasks that do not begin, above all after a stop, end as `stopped`.
 *
 * @returns the ends in the tasks' order.
 * @throws what a listener throws, once every worker has stopped and gone.
 */
export async function runTasks(tasks: Task[], options: PoolOptions): Promise<TaskEnd[]> {
  const ends: TaskEnd[] = tasks.map(() => ({ type: "stopped" }));
  const living = new Set<WorkerProcess>();
  const queue = [...tasks.keys()];
  const stop = () => {
    queue.length = 0;
    living.forEach((worker) => worker.stop());
  };
  const kill = () => living.forEach((worker) => worker.kill());
  options.interruption.stop.addEventListener("abort", stop);
  options.interruption.kill.addEventListener("abort", kill);

  /** One of the `jobs` lanes: takes tasks until none is left, and keeps its worker between them. */
  const lane = async (): Promise<void> => {
    let worker: WorkerProcess | null = null;
    try {
      for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
        const task = tasks[index]!;
        const admission = options.admit ? await options.admit(task) : { ...task, token: "" };
        if (admission === null) continue;
        const isDone = admission.seeds.length === 0;
        if (!isDone) worker = await workerFor(task, worker, living, options);
        ends[index] = isDone ? { type: "done" } : await runTask(task, admission, worker!, options);
        await options.onEnd(task, ends[index]!);
      }
    } catch (error) {
      stop();
      throw error;
    } finally {
      if (worker) await retire(worker, living, options);
    }
  };
  if (options.interruption.stop.aborted) stop();
  const lanes = Array.from({ length: Math.min(options.jobs, tasks.length) }, lane);
  const settled = await Promise.allSettled(lanes);
  options.interruption.stop.removeEventListener("abort", stop);
  options.interruption.kill.removeEventListener("abort", kill);
  for (const lane of settled) if (lane.status === "rejected") throw lane.reason;
  return ends;
}

/** The lane's worker if it lives and has the right threads, else a new one. */
async function workerFor(
  { threads }: Task,
  worker: WorkerProcess | null,
  living: Set<WorkerProcess>,
  options: PoolOptions,
): Promise<WorkerProcess> {
  if (worker?.alive && worker.threads === threads) return worker;
  if (worker) await retire(worker, living, options);
  const fresh = new WorkerProcess(options.worker, threads, options.variables);
  living.add(fresh);
  options.onWorkers?.(pids(living));
  return fresh;
}

async function runTask(
  task: Task,
  { token, seeds }: Admission,
  worker: WorkerProcess,
  { interruption, ...on }: PoolOptions,
): Promise<TaskEnd> {
  on.onStart(task);
  const { folder } = task;
  const end = await worker.run(
    { type: "start", folder, seeds, token },
    {
      onProgress: (message) => on.onProgress(task, message),
      onLog: (text) => on.onLog(task, text),
    },
  );
  // A worker killed by the second Ctrl-C did not fail: its folder resumes like a stopped one.
  return interruption.kill.aborted ? { type: "stopped" } : end;
}

async function retire(
  worker: WorkerProcess,
  living: Set<WorkerProcess>,
  options: PoolOptions,
): Promise<void> {
  await worker.close();
  living.delete(worker);
  options.onWorkers?.(pids(living));
}

function pids(living: Set<WorkerProcess>): number[] {
  return Array.from(living, ({ pid }) => pid);
}
