/** @file Progress of training on stderr: live lines on a terminal, plain lines elsewhere. */

import { basename } from "node:path";
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
  label: string;
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
  let planned: Task[] = [];
  let ended = 0;

  const say = (line: string): void => {
    if (!quiet) painter.print(line);
  };
  const repaint = (): void => {
    if (quiet || !effects.terminal) return;
    const lines = Array.from(jobs, ([task, { label, last }]) =>
      last ? progressLine(label, last, remaining.ofTask(task)) : `${label}  starting`,
    );
    const left = formatDuration(remaining.ofAll());
    const total = `${ended} of ${planned.length} tasks done  ${left} left`;
    painter.repaint(planned.length > 1 && lines.length > 0 ? [...lines, total] : lines);
  };

  return {
    onPlan(tasks, lanes) {
      planned = tasks;
      remaining = new Remaining(lanes);
      for (const task of tasks) remaining.add(task, kindOf(task), task.seeds.length);
    },
    onStart(task) {
      remaining.begin(task, effects.now());
      jobs.set(task, { label: labelOf(task), seedsDone: 0, last: null, printedAt: -Infinity });
      repaint();
    },
    onEpoch(task, message) {
      const job = jobs.get(task)!;
      job.last = message;
      const doneInTask = job.seedsDone * message.epochs + message.epoch;
      remaining.advance(task, doneInTask, message.epochs, effects.now());
      if (!effects.terminal && effects.now() - job.printedAt >= PLAIN_MILLISECONDS) {
        job.printedAt = effects.now();
        say(plainLine(job.label, message, remaining.ofTask(task)));
      }
      repaint();
    },
    onSeed(task, seed, status) {
      const job = jobs.get(task)!;
      job.seedsDone++;
      say(`${job.label} seed ${seed} ${status}`);
      repaint();
    },
    onEnd(task, end) {
      const label = labelOf(task);
      remaining.end(task);
      jobs.delete(task);
      ended++;
      if (end.type === "failed") painter.print(`${label} failed: ${end.message}`);
      if (jobs.size === 0) painter.clear();
      repaint();
    },
  };
}

/** Folders are named after what they hold. */
function labelOf({ folder }: Task): string {
  return basename(folder);
}

/** Regularizers change the time of an epoch less than the architecture does. */
function kindOf({ folder }: Task): string {
  return basename(folder).split("+")[0]!;
}
