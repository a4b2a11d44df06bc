/** @file One training worker: a child process that holds TensorFlow, seen from the parent. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import type { FromWorker, ToWorker } from "../train/messages.ts";

/** How a task ended. */
export type TaskEnd =
  | { type: "done" }
  | { type: "stopped" }
  | { type: "failed"; message: string; exitCode: ExitCode; bug: boolean };

/** What a worker says between a task's start and its end. */
export type Progress = Extract<FromWorker, { type: "epoch" | "seed" | "trial" | "weight" }>;

interface Task {
  onProgress(message: Progress): void;
  onLog(text: string): void;
  end(end: TaskEnd): void;
}

/** Does one task at a time; the loaded library serves all of them. */
export class WorkerProcess {
  readonly threads: number;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  #task: Task | null = null;
  #lastWords = "";
  #alive = true;

  /**
   * @param module path of the worker's entry.
   * @param threads threads within and between TensorFlow's ops; the library reads them once, at load.
   * @param variables what the command was told of cache, ImageNet and checkpoints.
   */
  constructor(module: string, threads: number, variables: Record<string, string> = {}) {
    this.threads = threads;
    this.#child = fork(module, [], {
      execArgv: [],
      env: { ...process.env, ...variables, ...threadEnvironment(threads) },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    if (!this.#child.stdout) throw notStarted(this.#child);
    this.#child.stdout.on("data", (bytes: Buffer) => this.#hear(bytes));
    this.#child.stderr!.on("data", (bytes: Buffer) => this.#hear(bytes));
    this.#child.on("message", (message) => this.#take(message as FromWorker));
    this.#exit = this.#end();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get alive(): boolean {
    return this.#alive && this.#child.connected;
  }

  /** Sends a task and waits for its end; a worker that dies answers `failed`. */
  run(message: ToWorker, { onProgress, onLog }: Omit<Task, "end">): Promise<TaskEnd> {
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

  /** Closes the channel, upon which the worker leaves; kills one that does not within the patience. */
  async close(patienceMilliseconds = 5_000): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const impatience = setTimeout(() => this.kill(), patienceMilliseconds);
    await this.#exit;
    clearTimeout(impatience);
  }

  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message);
  }

  #hear(bytes: Buffer): void {
    const text = bytes.toString();
    this.#lastWords = (this.#lastWords + text).slice(-2_000);
    this.#task?.onLog(text);
  }

  #take(message: FromWorker): void {
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
   * Resolves when the process is gone and its last words, which often say why, are heard. Node's own
   * "close" event would say so, but it stays away once the parent has disconnected. An "error" of a
   * process that began is a message that came too late for it: its exit tells the rest.
   */
  async #end(): Promise<void> {
    const { stdout, stderr } = this.#child;
    const heard = [stdout!, stderr!].map((stream) => once(stream, "close"));
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      this.#child.on("exit", (...how) => resolve(how));
      this.#child.on("error", (error) => this.#child.pid === undefined && reject(error));
    });
    await Promise.all(heard);
    this.#alive = false;
    // Told to end before it could listen.
    const isTold = ["SIGINT", "SIGTERM", "SIGHUP"].includes(signal ?? "");
    this.#finish(isTold ? { type: "stopped" } : crash(code, signal, this.#lastWords));
  }
}

/** Without files left to open, Node makes no streams; the process's error comes afterwards. */
function notStarted(child: ChildProcess): UserError {
  child.on("error", () => undefined);
  const refused = { code: "EMFILE", syscall: "spawn" };
  const words = systemErrorWords(refused, { place: "A training worker" });
  return new UserError(words ?? "A training worker cannot be started.", EXIT.runFailed);
}

/** Of every process that loads TensorFlow for a run, or to say how runs will go. */
export function threadEnvironment(threads: number): Record<string, string> {
  const count = String(threads);
  return {
    TF_NUM_INTRAOP_THREADS: count,
    TF_NUM_INTEROP_THREADS: count,
    OMP_NUM_THREADS: count,
    TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? "2",
    // Huge pages where the kernel offers them: 3 to 8 % less time for convolutions, and not one bit of difference.
    GLIBC_TUNABLES: process.env.GLIBC_TUNABLES ?? "glibc.malloc.hugetlb=1",
  };
}

function crash(code: number | null, signal: string | null, lastWords: string): TaskEnd {
  const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
  const why = signal === "SIGKILL" ? " (out of memory, or killed by hand)" : "";
  const words = lastWords.trim().split("\n").slice(-8).join("\n  ");
  return {
    type: "failed",
    message: `the training worker ${how}${why}${words && `; its last words:\n  ${words}`}`,
    exitCode: EXIT.runFailed,
    bug: signal !== "SIGKILL",
  };
}
