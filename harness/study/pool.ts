/** @file Distributes tasks over a fixed number of training workers. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import {
  type OutputFolder,
  finishFolder,
  isFinished,
  keepSeeds,
  lacksSeeds,
  logLine,
  logText,
  pendingSeeds,
  unfinish,
} from "./run-folder.ts";
import { deviceVariables } from "./devices.ts";
import type { Environment } from "./environment.ts";
import { noteEnvironment } from "./run-environments.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import type { EpochMessage, FromWorker, ToWorker } from "../train/messages.ts";
import { FolderInUse } from "../train/run-lock.ts";
import type { RunLocks } from "./run-locks.ts";
import { type Task, cutTasks } from "./tasks.ts";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";

/** Ctrl-C: the first asks for checkpoints, the second ends everything at once. */
export interface Interruption {
  stop: AbortSignal;
  kill: AbortSignal;
}

interface Admission {
  /** Token of the folder's lock. */
  token: string;
  /** The task's seeds that are still to be trained; if there are none, it is done. */
  seeds: number[];
}

export interface PoolOptions {
  /** Path of the worker's entry module. */
  worker: string;
  /** Environment variables for the workers: what the command line says about cache, ImageNet and checkpoints. */
  variables?: Record<string, string>;
  /** SHA-256 of the custom sources that may run; workers refuse every other. */
  code?: readonly string[];
  /** Workers at the same time. */
  jobs: number;
  /** As CUDA names them; the workers are spread over them in turn. Without any, a worker sees what this process sees. */
  devices?: readonly string[] | undefined;
  interruption: Interruption;
  /** Called before a task begins; null means that it must not begin. */
  admit?(task: Task): Promise<Admission | null>;
  /** @param device null where workers were given none. */
  onStart(task: Task, device: string | null): void;
  onProgress(task: Task, message: Progress): void;
  onLog(task: Task, text: string): void;
  /** The task's lane waits for it. */
  onEnd(task: Task, end: TaskEnd): void | Promise<void>;
  /** Called with the process ids of the living workers whenever they change. */
  onWorkers?(pids: number[]): void;
}

/**
 * Runs all tasks, first come first served. A failed task, or the death of its worker, does not affect
 * the others. Tasks that never begin, for example after a stop, end as `stopped`.
 *
 * @returns how the tasks ended, in their order.
 * @throws what a listener throws, once every worker has stopped and exited.
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

  const count = Math.min(options.jobs, tasks.length);
  /** One of the `jobs` lanes: takes tasks until none is left, and keeps its worker between them. */
  const lane = async (place: Place): Promise<void> => {
    let worker: WorkerProcess | null = null;
    try {
      for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
        const task = tasks[index]!;
        const admission = options.admit ? await options.admit(task) : { ...task, token: "" };
        if (admission === null) continue;
        const isDone = admission.seeds.length === 0;
        if (!isDone) worker = await workerFor(task, worker, place, living, options);
        ends[index] = isDone
          ? { type: "done" }
          : await runTask(task, admission, worker!, place, options);
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
  const lanes = placesOf(count, options).map(lane);
  const settled = await Promise.allSettled(lanes);
  options.interruption.stop.removeEventListener("abort", stop);
  options.interruption.kill.removeEventListener("abort", kill);
  for (const lane of settled) if (lane.status === "rejected") throw lane.reason;
  return ends;
}

/** What a lane gives to its workers. */
interface Place {
  device: string | null;
  variables: Record<string, string>;
}

/** Lane i has device i, and begins again after the last device. */
function placesOf(lanes: number, { devices = [], variables = {} }: PoolOptions): Place[] {
  return Array.from({ length: lanes }, (_, i) => {
    const device = devices[i % devices.length];
    if (device === undefined) return { device: null, variables };
    const seen = deviceVariables(device, lanes > devices.length, process.env);
    return { device, variables: { ...variables, ...seen } };
  });
}

/** The lane's worker if it lives and has the right threads, else a new one. */
async function workerFor(
  { threads }: Task,
  worker: WorkerProcess | null,
  { variables }: Place,
  living: Set<WorkerProcess>,
  options: PoolOptions,
): Promise<WorkerProcess> {
  if (worker?.alive && worker.threads === threads) return worker;
  if (worker) await retire(worker, living, options);
  const fresh = new WorkerProcess(options.worker, threads, variables);
  living.add(fresh);
  options.onWorkers?.(pids(living));
  return fresh;
}

async function runTask(
  task: Task,
  { token, seeds }: Admission,
  worker: WorkerProcess,
  { device }: Place,
  { interruption, code = [], ...on }: PoolOptions,
): Promise<TaskEnd> {
  on.onStart(task, device);
  const end = await worker.run(
    { type: "start", folder: task.folder, seeds, token, code },
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

/** How a task ended. */
export type TaskEnd =
  | { type: "done" }
  | { type: "stopped" }
  | { type: "failed"; message: string; exitCode: ExitCode; bug: boolean };

/** Messages of a worker between a task's start and its end. */
export type Progress = Exclude<FromWorker, { type: "ready" | TaskEnd["type"] }>;

interface WorkerTask {
  onProgress(message: Progress): void;
  onLog(text: string): void;
  end(end: TaskEnd): void;
}

/** A worker process, which does one task at a time and loads TensorFlow once for all of them. */
export class WorkerProcess {
  readonly threads: number;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  #task: WorkerTask | null = null;
  #lastOutput = "";
  #alive = true;

  /**
   * @param module path of the worker's entry.
   * @param threads threads within and between TensorFlow's ops; the library reads them once, when it loads.
   * @param variables environment variables beyond this process's own.
   */
  constructor(module: string, threads: number, variables: Record<string, string> = {}) {
    this.threads = threads;
    this.#child = fork(module, [], {
      execArgv: [],
      env: { ...process.env, ...variables, ...threadEnvironment(threads) },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    if (!this.#child.stdout) throw notStarted(this.#child);
    this.#child.stdout.on("data", (bytes: Buffer) => this.#onOutput(bytes));
    this.#child.stderr!.on("data", (bytes: Buffer) => this.#onOutput(bytes));
    this.#child.on("message", (message) => this.#onMessage(message as FromWorker));
    this.#exit = this.#untilExit();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get alive(): boolean {
    return this.#alive && this.#child.connected;
  }

  /** Sends a task and waits for its end; if the worker dies, the task has `failed`. */
  run(message: ToWorker, { onProgress, onLog }: Omit<WorkerTask, "end">): Promise<TaskEnd> {
    return new Promise((resolve) => {
      this.#task = { onProgress, onLog, end: resolve };
      this.#send(message);
    });
  }

  /** Asks for a checkpoint at the end of the current step. */
  stop(): void {
    if (this.#task) this.#send({ type: "stop" });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Closes the channel, whereupon the worker exits; kills one that does not exit in time. */
  async close(patienceMilliseconds = 5_000): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timeout = setTimeout(() => this.kill(), patienceMilliseconds);
    await this.#exit;
    clearTimeout(timeout);
  }

  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message);
  }

  #onOutput(bytes: Buffer): void {
    const text = bytes.toString();
    this.#lastOutput = (this.#lastOutput + text).slice(-2_000);
    this.#task?.onLog(text);
  }

  #onMessage(message: FromWorker): void {
    if (message.type === "ready") return;
    if (message.type === "done" || message.type === "stopped") this.#finish({ type: message.type });
    else if (message.type === "failed") this.#finish(message);
    else this.#task?.onProgress(message);
  }

  #finish(end: TaskEnd): void {
    const task = this.#task;
    this.#task = null;
    task?.end(end);
  }

  /**
   * Resolves when the process has exited and its last output, which often says why, has been read.
   * Node's own "close" event would do, but it is not emitted once the parent has disconnected. An
   * "error" of a process that has started is a message that came too late for it: its exit follows.
   */
  async #untilExit(): Promise<void> {
    const { stdout, stderr } = this.#child;
    const closed = [stdout!, stderr!].map((stream) => once(stream, "close"));
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      this.#child.on("exit", (...how) => resolve(how));
      this.#child.on("error", (error) => this.#child.pid === undefined && reject(error));
    });
    await Promise.all(closed);
    this.#alive = false;
    // A stop request that came before the process could handle signals.
    const isStop = ["SIGINT", "SIGTERM", "SIGHUP"].includes(signal ?? "");
    this.#finish(isStop ? { type: "stopped" } : crash(code, signal, this.#lastOutput));
  }
}

/** When no more files can be opened, Node makes no streams; the process's error comes afterwards. */
function notStarted(child: ChildProcess): UserError {
  child.on("error", () => undefined);
  const refused = { code: "EMFILE", syscall: "spawn" };
  const words = systemErrorWords(refused, { place: "A training worker" });
  return new UserError(words ?? "A training worker cannot be started.", EXIT.runFailed);
}

/**
 * Environment of every process that loads TensorFlow to train runs or to estimate them.
 * @param env what the user has set there stays.
 */
export function threadEnvironment(
  threads: number,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const count = String(threads);
  return {
    TF_NUM_INTRAOP_THREADS: count,
    TF_NUM_INTEROP_THREADS: count,
    OMP_NUM_THREADS: count,
    TF_CPP_MIN_LOG_LEVEL: env.TF_CPP_MIN_LOG_LEVEL ?? "2",
    // TensorFlow leaves oneDNN off where the processor lacks AVX-512 VNNI; convolutions are 1.5 to 1.8 times as fast with it.
    TF_ENABLE_ONEDNN_OPTS: env.TF_ENABLE_ONEDNN_OPTS ?? "1",
    // Huge pages where the kernel offers them: 3 to 8 % less time for convolutions, and bit-identical results.
    GLIBC_TUNABLES: env.GLIBC_TUNABLES ?? "glibc.malloc.hugetlb=1",
  };
}

function crash(code: number | null, signal: string | null, lastOutput: string): TaskEnd {
  const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
  const why = signal === "SIGKILL" ? " (out of memory, or killed by hand)" : "";
  const lines = lastOutput.trim().split("\n").slice(-8).join("\n  ");
  return {
    type: "failed",
    message: `the training worker ${how}${why}${lines && `; its last output:\n  ${lines}`}`,
    exitCode: EXIT.runFailed,
    bug: signal !== "SIGKILL",
  };
}

/** Is called as training proceeds; the folders' log.txt records the same. */
export interface TrainingListener {
  /** All tasks, before the first begins. */
  onPlan(tasks: Task[], lanes: number): void;
  onStart(task: Task): void;
  onEpoch(task: Task, message: EpochMessage): void;
  onSeed(task: Task, seed: number, status: "completed" | "diverged"): void;
  onEnd(task: Task, end: TaskEnd): void;
  /** Called once for each folder that another process is working on. */
  onSkip(folder: OutputFolder, message: string): void;
}

interface TrainingOptions {
  /** Path of the worker's entry module. */
  worker: string;
  variables?: Record<string, string>;
  jobs: number;
  devices?: readonly string[] | undefined;
  interruption: Interruption;
  /** This machine and harness. */
  environment: Environment;
  locks: RunLocks;
  listener: TrainingListener;
  /** Called for every folder that is complete, even where nothing was left to do. */
  onFinished?: ((folder: OutputFolder) => Promise<void>) | undefined;
}

/**
 * Trains all pending seeds. One configuration's failure does not affect the others. A folder that another process holds
 * is skipped, reported, and tried once more when the others are done.
 *
 * @returns `ok`, even with diverged runs, which are results; 130 after an interrupt; otherwise the code of
 * the failure (1 when failures differ), 2 where a folder remained in use to the end.
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

/** Milliseconds: a process that has just been asked to stop may take a moment. */
const LAST_PATIENCE = 2_000;

interface Trained {
  ends: TaskEnd[];
  inUse: ReadonlySet<OutputFolder>;
}

/** @param patience milliseconds to wait for the holder of each folder. */
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
        const pending = pendingSeeds(keepSeeds(folder));
        if (pending.length > 0) unfinish(folder);
        const seeds = task.seeds.filter((seed) => pending.includes(seed));
        noteEnvironment(task.folder, seeds, options.environment);
        return { token, seeds };
      } catch (error) {
        if (error instanceof FolderInUse) skip(folder, error);
        else if (!(error instanceof UserError && interruption.stop.aborted)) throw error;
        return null;
      }
    },
    onStart(task, device) {
      const where = device === null ? "" : `, device ${device}`;
      const { folder, seeds, threads } = task;
      logLine(folder, `training seeds ${seeds.join(", ")}, ${threads} threads${where}`);
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

/** Finishes a folder without a task; its lock is taken only if there is something to write. */
async function finishAlone(
  folder: OutputFolder,
  options: TrainingOptions & { patience: number },
  skip: (folder: OutputFolder, error: FolderInUse) => void,
): Promise<void> {
  if (isFinished(folder) && !lacksSeeds(folder) && !options.onFinished) return;
  try {
    await options.locks.while(folder.path, options.patience, () =>
      finishIfComplete(folder, options),
    );
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    skip(folder, error);
  }
}

/** With all seeds that others have added meanwhile. */
async function finishIfComplete(
  planned: OutputFolder,
  { onFinished }: Pick<TrainingOptions, "onFinished">,
): Promise<void> {
  const folder = keepSeeds(planned);
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
