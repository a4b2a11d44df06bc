/** @file Progress of training on stderr: live lines on a terminal, plain lines elsewhere. */

import type { OutputFolder } from "../sweep/output-folder.ts";
import type { Task, TaskEnd, TrainingListener } from "../sweep/pool.ts";
import { Remaining } from "../sweep/remaining.ts";
import type { EpochMessage } from "../train/messages.ts";
import type { Effects } from "./effects.ts";
import { formatDuration } from "./format.ts";
import { type Painter, createPainter } from "./painter.ts";
import { plainLine, progressLine } from "./progress-line.ts";

/** A pipe or a log gets an epoch's line no more often than this. */
const PLAIN_MILLISECONDS = 10_000;

interface Job {
  /** Seeds of the task that are final. */
  seedsDone: number;
  last: EpochMessage | null;
  printedAt: number;
}

export interface TrainingProgress extends TrainingListener {
  /** Clears the live lines, so that others can be printed above them. */
  makeRoom: () => void;
}

/** A quiet one still tells of failures. */
export function createProgress(effects: Effects, quiet: boolean): TrainingProgress {
  return new Progress(effects, quiet);
}

class Progress implements TrainingProgress {
  readonly #effects: Effects;
  readonly #quiet: boolean;
  readonly #painter: Painter;
  readonly #jobs = new Map<Task, Job>();
  readonly #runs = { planned: 0, done: 0 };
  #remaining = new Remaining<Task>(1);
  readonly makeRoom = (): void => this.#painter.clear();

  constructor(effects: Effects, quiet: boolean) {
    this.#effects = effects;
    this.#quiet = quiet;
    this.#painter = createPainter(effects);
  }

  onPlan(tasks: Task[], lanes: number): void {
    this.#remaining = new Remaining(lanes);
    for (const task of tasks) this.#remaining.add(task, task.arch, task.seeds.length);
    this.#runs.planned = tasks.reduce((sum, { seeds }) => sum + seeds.length, 0);
  }

  onStart(task: Task): void {
    this.#jobs.set(task, { seedsDone: 0, last: null, printedAt: -Infinity });
    this.#repaint();
  }

  onEpoch(task: Task, message: EpochMessage): void {
    const job = this.#jobs.get(task)!;
    const now = this.#effects.now();
    job.last = message;
    const epochsDone = job.seedsDone * message.epochs + message.epoch;
    this.#remaining.advance(task, epochsDone, message.epochs, now);
    if (!this.#effects.terminal && now - job.printedAt >= PLAIN_MILLISECONDS) {
      job.printedAt = now;
      this.#say(plainLine(labelOf(task), message, this.#remaining.ofTask(task)));
    }
    this.#repaint();
  }

  onSeed(task: Task, seed: number, status: "completed" | "diverged"): void {
    this.#jobs.get(task)!.seedsDone++;
    const { planned } = this.#runs;
    const place = planned > 1 ? ` (${++this.#runs.done} of ${planned})` : "";
    this.#say(`${labelOf(task)} seed ${seed} ${status}${place}`);
    this.#repaint();
  }

  onEnd(task: Task, end: TaskEnd): void {
    this.#remaining.end(task);
    this.#jobs.delete(task);
    if (end.type === "failed") this.#painter.print(`${labelOf(task)} failed: ${end.message}`);
    if (this.#jobs.size === 0) this.#painter.clear();
    this.#repaint();
  }

  onSkip({ configuration: { arch, regs } }: OutputFolder, message: string): void {
    this.#painter.print(`${arch} ${regs} skipped: ${message}`);
    this.#repaint();
  }

  #say(line: string): void {
    if (!this.#quiet) this.#painter.print(line);
  }

  #repaint(): void {
    const { terminal } = this.#effects;
    if (this.#quiet || !terminal || this.#jobs.size === 0) return;
    const lines = Array.from(this.#jobs, ([task, { last }]) =>
      last
        ? progressLine(labelOf(task), last, this.#remaining.ofTask(task), terminal.columns - 1)
        : `${labelOf(task)}  starting`,
    );
    const { planned, done } = this.#runs;
    const total = `${done} of ${planned} runs done, ${formatDuration(this.#remaining.ofAll())} left`;
    this.#painter.repaint(planned > 1 ? [...lines, total] : lines);
  }
}

function labelOf({ arch, regs }: Task): string {
  return `${arch} ${regs}`;
}
