/**
 * @file Follows a sweep on a Slurm cluster to its end: submits what is unfinished, watches, submits again what got further.
 *
 * What is trained is read from the sweep's own folder, what waits or runs from squeue, and why a task ended from its notes
 * and from Slurm. Nothing is kept in this process, so any other can go on from there.
 */

import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, UserError } from "../../errors.ts";
import { writeAtomic } from "../../files.ts";
import { type OutputFolder, isFinished } from "../run-folder.ts";
import {
  type Batch,
  type BatchPlan,
  type End,
  lastOutput,
  nextBatchPath,
  readBatches,
  readNotes,
  removeBatch,
  writeBatchPlan,
  writeJob,
} from "./batch-folder.ts";
import { type Submission, batchScript, sbatchArguments, scriptPath } from "./batch-script.ts";
import { type Ended, type Queued, endOf, queuedTasks, submitBatch } from "./cluster.ts";
import { trainingMark } from "./training-mark.ts";

/** What is the same for all tasks of a sweep. */
export interface TaskOptions extends Pick<Submission, "cpus" | "more" | "program" | "variables"> {
  root: string;
}

export interface SlurmSweep extends TaskOptions {
  /** All configurations, by folder name. */
  folders: ReadonlyMap<string, OutputFolder>;
  /** Of each array; set by the controller. */
  mostTasks: number;
  /** What every task is told. */
  task: Pick<BatchPlan, "again" | "jobs" | "devices">;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  listener: SlurmListener;
}

export interface SlurmListener {
  onState(state: SweepState): void;
  /** What happened, in a sentence. */
  onEvent(line: string): void;
  /** A configuration that is given up, and why, in lines. */
  onFailure(folder: OutputFolder, reason: string[]): void;
}

/** Names of output folders. */
export interface SweepState {
  done: ReadonlySet<string>;
  running: ReadonlySet<string>;
  waiting: ReadonlySet<string>;
  failed: ReadonlySet<string>;
  /** Why tasks wait, in Slurm's words. */
  reasons: ReadonlySet<string>;
}

/** The latest task of a configuration. */
interface Attempt {
  /** Of the configuration's folder. */
  name: string;
  batch: Batch;
  index: number;
  /** How far training had come when it was submitted. */
  mark: string;
}

/** Milliseconds that a task may be gone from the queue before its files, on a network disk, are taken for all there is. */
const SETTLE_MILLISECONDS = 10_000;
const SHORTEST_POLL = 2_000;
const LONGEST_POLL = 30_000;

/**
 * @returns the names of the configurations that are given up; null when it was interrupted: the jobs go on.
 * @throws UserError when Slurm takes nothing at all.
 */
export async function followSweep(sweep: SlurmSweep): Promise<ReadonlySet<string> | null> {
  return new Following(sweep).run();
}

class Following {
  readonly #sweep: SlurmSweep;
  readonly #batches: Batch[];
  readonly #done = new Set<string>();
  readonly #failed = new Set<string>();
  /** When an unfinished task was first seen to be gone. */
  readonly #goneSince = new Map<string, number>();
  /** Submitted, or found in the queue, by this process: what becomes of them is judged. */
  readonly #watched = new Set<string>();
  #isSilent = false;
  #isRefused = false;

  constructor(sweep: SlurmSweep) {
    this.#sweep = sweep;
    this.#batches = readBatches(sweep.root);
  }

  async run(): Promise<ReadonlySet<string> | null> {
    const { signal, listener, folders } = this.#sweep;
    const began = performance.now();
    while (!signal.aborted) {
      const queued = await this.#ask();
      if (queued !== null) {
        const taken = await this.#submit(await this.#judge(queued), queued.length);
        listener.onState(this.#state([...queued, ...taken]));
        if (this.#done.size + this.#failed.size === folders.size) return this.#failed;
      }
      const elapsed = performance.now() - began;
      const pause = Math.min(LONGEST_POLL, Math.max(SHORTEST_POLL, elapsed / 10));
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
    return null;
  }

  /** Says once that Slurm does not answer: what is not known to be gone is not submitted again. */
  async #ask(): Promise<Queued[] | null> {
    const names = this.#batches.map(({ plan }) => plan.name);
    const queued = await queuedTasks(names, this.#sweep.env);
    if (queued === null && !this.#isSilent)
      this.#sweep.listener.onEvent("squeue does not answer: jobs go on, and it is asked again.");
    this.#isSilent = queued === null;
    return queued;
  }

  /** @returns configurations that are to be submitted. */
  async #judge(queued: readonly Queued[]): Promise<string[]> {
    const attempts = latestAttempts(this.#batches);
    const inQueue = new Set(queued.map(placeOf));
    const due: string[] = [];
    for (const [name, folder] of this.#sweep.folders) {
      const attempt = attempts.get(name);
      if (this.#failed.has(name) || this.#done.has(name)) continue;
      if (attempt && inQueue.has(placeOf(attempt))) {
        this.#watched.add(name);
        this.#goneSince.delete(name);
      } else if (isFinished(folder)) this.#done.add(name);
      else if (!attempt || !this.#watched.has(name)) due.push(name);
      else if (await this.#isToTryAgain(folder, attempt)) due.push(name);
    }
    return due;
  }

  /** Of a task that is gone and has left its configuration unfinished. */
  async #isToTryAgain(folder: OutputFolder, attempt: Attempt): Promise<boolean> {
    const now = performance.now();
    const { name } = attempt;
    const since = this.#goneSince.get(name) ?? now;
    this.#goneSince.set(name, since);
    const { begin, end } = readNotes(attempt.batch.path, attempt.index);
    if (end === null && now - since < SETTLE_MILLISECONDS) return false;
    const { env, listener } = this.#sweep;
    const known = await endOf(attempt.batch.job, attempt.index, env);
    const isCancelled = known === null ? wasAskedToStop(end) : known.state === "CANCELLED";
    const isFurther = trainingMark(folder) !== attempt.mark;
    const task = taskText(attempt, known);
    if (isFurther && !isCancelled) {
      listener.onEvent(`${name}: ${task} ended early, but got further; it is submitted again.`);
      this.#watched.delete(name);
      return true;
    }
    this.#failed.add(name);
    listener.onFailure(
      folder,
      reasonLines(attempt, task, { isCancelled, hasBegun: begin !== null }),
    );
    return false;
  }

  /** @param others number of tasks in the queue. @returns the tasks that Slurm has taken. */
  async #submit(due: readonly string[], others: number): Promise<Queued[]> {
    const { mostTasks, listener } = this.#sweep;
    const taken: Queued[] = [];
    for (let from = 0; from < due.length; from += mostTasks) {
      const answer = await this.#submitArray(due.slice(from, from + mostTasks));
      if ("refusal" in answer) {
        if (others + taken.length === 0) throw refused(answer.refusal);
        if (!this.#isRefused)
          listener.onEvent(
            `sbatch takes no more for now (${answer.refusal}); the rest is submitted as tasks end.`,
          );
        this.#isRefused = true;
        break;
      }
      this.#isRefused = false;
      taken.push(...answer.tasks);
    }
    return taken;
  }

  async #submitArray(names: readonly string[]): Promise<{ tasks: Queued[] } | { refusal: string }> {
    const { root, folders, task, env, listener } = this.#sweep;
    const submission = submissionOf(this.#sweep, nextBatchPath(root), names.length);
    const { batch: path, name } = submission;
    const tasks = names.map((each) => ({ folder: each, mark: trainingMark(folders.get(each)!) }));
    const plan = { ...task, name, tasks };
    writeBatchPlan(path, plan);
    writeAtomic(scriptPath(submission), batchScript(submission));
    const answer = await submitBatch(sbatchArguments(submission), env);
    if ("refusal" in answer) {
      removeBatch(path);
      return answer;
    }
    writeJob(path, answer.id);
    this.#batches.push({ path, plan, job: answer.id });
    for (const each of names) {
      this.#watched.add(each);
      this.#goneSince.delete(each);
    }
    const what = names.length === 1 ? names[0]! : `${names.length} configurations`;
    listener.onEvent(`job ${answer.id} submitted: ${what}.`);
    return { tasks: names.map((_, index) => ({ name, index, isRunning: false, reason: "" })) };
  }

  #state(queued: readonly Queued[]): SweepState {
    const attempts = Array.from(latestAttempts(this.#batches).values());
    const byPlace = new Map(attempts.map((attempt) => [placeOf(attempt), attempt.name]));
    const named = (which: boolean) =>
      queued.flatMap((task) =>
        task.isRunning === which ? (byPlace.get(placeOf(task)) ?? []) : [],
      );
    const reasons = queued.filter(({ isRunning }) => !isRunning).map(({ reason }) => reason);
    return {
      ...{ done: this.#done, failed: this.#failed },
      ...{ running: new Set(named(true)), waiting: new Set(named(false)) },
      reasons: new Set(reasons.filter((reason) => !["", "None"].includes(reason))),
    };
  }
}

/** By Ctrl-C's kind of signal, without a time limit near: somebody has cancelled it. */
const wasAskedToStop = (end: End | null) => end?.exitCode === EXIT.interrupted && !end.nearLimit;

/** Such as `task 12_3 (FAILED, 0:9, node7)`. */
function taskText({ batch, index }: Attempt, known: Ended | null): string {
  const words = known === null ? [] : [known.state, known.exitCode, known.node].filter(Boolean);
  const how = words.length === 0 ? "" : ` (${words.join(", ")})`;
  return `task ${batch.job ?? batch.plan.name}_${index}${how}`;
}

function reasonLines(
  { batch: { path }, index }: Attempt,
  task: string,
  { isCancelled, hasBegun }: { isCancelled: boolean; hasBegun: boolean },
): string[] {
  if (isCancelled) return [`${task} was cancelled.`];
  const said = lastOutput(path, index);
  if (hasBegun) return [`${task} ended, and no further than it began.`, ...said];
  const isSeen = said.length > 0;
  return isSeen
    ? [`${task} ended before it had begun.`, ...said]
    : [
        `${task} ended before it had begun, and left no word in ${path}: do the compute nodes share its file system?`,
      ];
}

/** What is submitted for so many configurations. */
export function submissionOf(
  { root, cpus, more, program, variables }: TaskOptions,
  batch: string,
  tasks: number,
): Submission {
  const place = basename(root).replaceAll(/[^\w.-]/g, "-");
  const name = `rademark-${place}-${randomBytes(4).toString("hex")}`;
  return { batch, name, tasks, cpus, more, program, variables };
}

function refused(reason: string): UserError {
  return new UserError(
    `sbatch takes no job array: ${reason}. More options for it go into --sbatch; --dry-run shows what is submitted.`,
    EXIT.runFailed,
  );
}

/** By the names of output folders. */
function latestAttempts(batches: readonly Batch[]): Map<string, Attempt> {
  return new Map(
    batches.flatMap((batch) =>
      batch.plan.tasks.map(({ folder: name, mark }, index): [string, Attempt] => [
        name,
        { name, batch, index, mark },
      ]),
    ),
  );
}

/** Which task of which job. */
function placeOf(task: Attempt | Queued): string {
  return `${"batch" in task ? task.batch.plan.name : task.name}/${task.index}`;
}
