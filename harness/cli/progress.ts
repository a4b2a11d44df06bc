/** @file Progress of training on stderr: live lines on a terminal, plain lines elsewhere. */

import type { Task } from "../sweep/pool.ts";
import { Remaining } from "../sweep/remaining.ts";
import type { TrainingListener } from "../sweep/training.ts";
import type { EpochMessage } from "../train/messages.ts";
import type { Effects } from "./effects.ts";
import { formatDuration } from "./format.ts";
import { createPainter } from "./painter.ts";
import { plainLine, progressLine } from "./progress-line.ts";

/** A pipe or a log gets an epoch's line no more often than this. */
const PLAIN_MILLISECONDS = 10_000;

interface Job {
  /** Seeds of the task that are final. */
  seedsDone: number;
  last: EpochMessage | null;
  printedAt: number;
}

/** @returns a listener; a quiet one still tells of failures. */
export function createProgress(effects: Effects, quiet: boolean): TrainingListener {
  const painter = createPainter(effects);
  const jobs = new Map<Task, Job>();
  let remaining = new Remaining<Task>(1);
  const runs = { planned: 0, done: 0 };

  const say = (line: string): void => {
    if (!quiet) painter.print(line);
  };
  const repaint = (): void => {
    if (quiet || !effects.terminal) return;
    const room = effects.terminal.columns - 1;
    const lines = Array.from(jobs, ([task, { last }]) =>
      last
        ? progressLine(labelOf(task), last, remaining.ofTask(task), room)
        : `${labelOf(task)}  starting`,
    );
    const total = `${runs.done} of ${runs.planned} runs done, ${formatDuration(remaining.ofAll())} left`;
    painter.repaint(runs.planned > 1 && lines.length > 0 ? [...lines, total] : lines);
  };

  return {
    onPlan(tasks, lanes) {
      remaining = new Remaining(lanes);
      for (const task of tasks) remaining.add(task, task.arch, task.seeds.length);
      runs.planned = tasks.reduce((sum, { seeds }) => sum + seeds.length, 0);
    },
    onStart(task) {
      jobs.set(task, { seedsDone: 0, last: null, printedAt: -Infinity });
      repaint();
    },
    onEpoch(task, message) {
      const job = jobs.get(task)!;
      job.last = message;
      const epochsDone = job.seedsDone * message.epochs + message.epoch;
      remaining.advance(task, epochsDone, message.epochs, effects.now());
      if (!effects.terminal && effects.now() - job.printedAt >= PLAIN_MILLISECONDS) {
        job.printedAt = effects.now();
        say(plainLine(labelOf(task), message, remaining.ofTask(task)));
      }
      repaint();
    },
    onSeed(task, seed, status) {
      jobs.get(task)!.seedsDone++;
      runs.done++;
      const { planned, done } = runs;
      say(
        `${labelOf(task)} seed ${seed} ${status}${planned > 1 ? ` (${done} of ${planned})` : ""}`,
      );
      repaint();
    },
    onEnd(task, end) {
      remaining.end(task);
      jobs.delete(task);
      if (end.type === "failed") painter.print(`${labelOf(task)} failed: ${end.message}`);
      if (jobs.size === 0) painter.clear();
      repaint();
    },
  };
}

function labelOf({ arch, regs }: Task): string {
  return `${arch} ${regs}`;
}
