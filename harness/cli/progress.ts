/** @file Progress of training on stderr: live lines on a terminal, plain lines elsewhere. */

import type { OutputFolder } from "../study/run-folder.ts";
import type { Interruption, TaskEnd, TrainingListener } from "../study/pool.ts";
import type { Task } from "../study/tasks.ts";
import type { EpochMessage } from "../train/messages.ts";
import type { Effects } from "../effects.ts";
import { formatCount, formatDuration, formatPercent } from "../format.ts";
import { bar } from "../../setup/shared/bar.mjs";
import { visible } from "../../setup/shared/visible.mjs";
import { errWithCodes } from "./visible-effects.ts";

/** Least time between two lines for epochs that a pipe or a log gets. */
const PLAIN_MILLISECONDS = 10_000;

interface Job {
  /** Seeds of the task that are final. */
  seedsDone: number;
  last: EpochMessage | null;
  printedAt: number;
}

interface TrainingProgress extends TrainingListener {
  /** Clears the live lines, so that other lines can be printed. */
  makeRoom: () => void;
}

/** Even when quiet, it reports failures. */
export function createProgress(effects: Effects, quiet: boolean): TrainingProgress {
  return new Progress(effects, quiet);
}

/** Estimates, from the epochs so far, how long the rest takes. */
export class RemainingTime<T> {
  readonly #paces = new Map<T, Pace>();
  readonly #lanes: number;

  /** @param lanes tasks that run at the same time. */
  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  add(task: T, kind: string, seeds: number): void {
    this.#paces.set(task, {
      kind,
      seeds,
      epochsPerSeed: null,
      epochsDone: 0,
      first: null,
      lastAt: 0,
      ended: false,
    });
  }

  /** @param epochsDone finished epochs of this task, over all its seeds. */
  advance(task: T, epochsDone: number, epochsPerSeed: number, now: number): void {
    const pace = this.#paces.get(task)!;
    pace.first ??= { epoch: epochsDone, at: now };
    Object.assign(pace, { epochsPerSeed, epochsDone, lastAt: now });
  }

  end(task: T): void {
    this.#paces.get(task)!.ended = true;
  }

  /** Seconds until this task ends; null when nothing is known yet. */
  ofTask(task: T): number | null {
    const pace = this.#paces.get(task)!;
    if (pace.ended) return 0;
    const rate = ownRate(pace) ?? this.#rate(pace.kind) ?? this.#rate(null);
    const epochs = pace.epochsPerSeed ?? this.#anyEpochs();
    if (rate === null || epochs === null) return null;
    return Math.max(0, pace.seeds * epochs - pace.epochsDone) * rate;
  }

  /** Seconds until all tasks end, if the lanes were evenly filled. */
  ofAll(): number | null {
    const each = Array.from(this.#paces.keys(), (task) => this.ofTask(task));
    const known = each.filter((seconds) => seconds !== null);
    if (known.length < each.length) return null;
    const sum = known.reduce((total, seconds) => total + seconds, 0);
    return Math.max(sum / this.#lanes, ...known);
  }

  /** Mean over the tasks of a kind, or over all. */
  #rate(kind: string | null): number | null {
    const paces = [...this.#paces.values()].filter((pace) => kind === null || pace.kind === kind);
    const rates = paces.map(ownRate).filter((rate) => rate !== null);
    return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  }

  #anyEpochs(): number | null {
    const known = [...this.#paces.values()].find(({ epochsPerSeed }) => epochsPerSeed !== null);
    return known?.epochsPerSeed ?? null;
  }
}

class Progress implements TrainingProgress {
  readonly #effects: Effects;
  readonly #quiet: boolean;
  readonly #painter: Painter;
  readonly #jobs = new Map<Task, Job>();
  readonly #runs = { planned: 0, done: 0 };
  #remaining = new RemainingTime<Task>(1);
  readonly makeRoom = (): void => this.#painter.clear();

  constructor(effects: Effects, quiet: boolean) {
    this.#effects = effects;
    this.#quiet = quiet;
    this.#painter = createPainter(effects);
  }

  onPlan(tasks: Task[], lanes: number): void {
    this.#remaining = new RemainingTime(lanes);
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

/** Keeps a few lines at the bottom of a terminal up to date while other lines are printed above them. */
interface Painter {
  /** Replaces the lines at the bottom. */
  repaint: (lines: string[]) => void;
  /** Prints a line that stays. */
  print: (line: string) => void;
  /** Removes the lines at the bottom. */
  clear: () => void;
}

/** Lines are cut to the terminal's width: a wrapped line could not be erased again. */
export function createPainter(effects: Pick<Effects, "terminal" | "err">): Painter {
  const { terminal } = effects;
  const paint = (text: string) => errWithCodes(effects, text);
  let painted = 0;
  const erase = (): string => (painted === 0 ? "" : `\x1b[${painted}A\x1b[0J`);
  return {
    repaint(lines) {
      const width = (terminal?.columns ?? 80) - 1;
      const text = lines.map((line) => `${visible(line).slice(0, width)}\n`).join("");
      paint(erase() + text);
      painted = lines.length;
    },
    print(line) {
      paint(`${erase()}${visible(line)}\n`);
      painted = 0;
    },
    clear() {
      if (painted > 0) paint(erase());
      painted = 0;
    },
  };
}

/** What is known of one task: some seeds of one configuration. Times are milliseconds of one clock. */
interface Pace {
  /** Tasks of one kind take about the same time an epoch. */
  kind: string;
  seeds: number;
  /** Epochs of one seed; null before the first is over. */
  epochsPerSeed: number | null;
  epochsDone: number;
  /** The first epoch reported; the time before it includes the recording of the graph. */
  first: { epoch: number; at: number } | null;
  lastAt: number;
  ended: boolean;
}

/** Seconds that an epoch took on average, controls between seeds included; null before the second epoch. */
function ownRate({ first, lastAt, epochsDone }: Pace): number | null {
  if (first === null || epochsDone <= first.epoch) return null;
  return (lastAt - first.at) / 1000 / (epochsDone - first.epoch);
}

const WIDEST_BAR = 20;
const NARROWEST_BAR = 4;

/**
 * `cnn-16 none  seed 3 [=====     ] 12/30  1,934 img/s  train 54.3 %  RL-acc 12.0 %  0:34 left`,
 * fitted into the columns: first the bar is shortened or left out, then the end of the label.
 */
export function progressLine(
  label: string,
  message: EpochMessage,
  remainingSeconds: number | null,
  columns: number,
): string {
  const { seed, epoch, epochs } = message;
  const head = `seed ${seed} `;
  const tail = [` ${epoch}/${epochs}`, ...measures(message), left(remainingSeconds)].join("  ");
  const room = columns - label.length - 2 - head.length - tail.length;
  const width = Math.min(WIDEST_BAR, room - 2);
  const drawn = width < NARROWEST_BAR ? "" : bar(epoch / epochs, width);
  const labelRoom = columns - 2 - head.length - drawn.length - tail.length;
  return `${shorten(label, labelRoom)}  ${head}${drawn}${tail}`;
}

/** The same for a log or a pipe: without a bar, and never cut. */
export function plainLine(
  label: string,
  message: EpochMessage,
  remainingSeconds: number | null,
): string {
  const { seed, epoch, epochs, randomLabels } = message;
  const epochWords = `${label} seed ${seed} epoch ${epoch}/${epochs}`;
  const words = measures(message, `RL-acc(n=${randomLabels.n})`);
  return [epochWords, ...words, ...frozenWords(message), left(remainingSeconds)].join(", ");
}

/** The same head on the trunk before training, for lines that have the room. */
function frozenWords({ phase, randomLabels: { frozenAccuracy } }: EpochMessage): string[] {
  if (phase === "controls" || frozenAccuracy === null) return [];
  return [`frozen trunk ${formatPercent(frozenAccuracy)}`];
}

function left(seconds: number | null): string {
  return `${formatDuration(seconds)} left`;
}

function measures(message: EpochMessage, randomLabelWords = "RL-acc"): string[] {
  if (message.phase === "controls") return ["controls"];
  const { imagesPerSecond, trainAccuracy, randomLabels } = message;
  return [
    `${formatCount(imagesPerSecond)} img/s`,
    `train ${formatPercent(trainAccuracy)}`,
    `${randomLabelWords} ${formatPercent(randomLabels.accuracy)}`,
  ];
}

function shorten(label: string, room: number): string {
  return label.length <= room ? label : `${label.slice(0, Math.max(0, room - 1))}…`;
}

/** How long a step may take; README promises that everything ends within ten seconds. */
const STEP_MILLISECONDS = 8_000;

const STOPPING = "Stopping at the next step; what is done is kept. Again, to stop at once.";

/**
 * Runs work that stops at Ctrl-C, or when the process that started this one is gone.
 *
 * @param words what a person reads who has asked to stop.
 */
export async function interruptible<T>(
  effects: Effects,
  work: (interruption: Interruption) => Promise<T>,
  words = STOPPING,
): Promise<T> {
  const [stop, kill] = [new AbortController(), new AbortController()];
  let overdue: NodeJS.Timeout | undefined;
  const begin = () => {
    if (stop.signal.aborted) return;
    stop.abort();
    overdue = setTimeout(() => kill.abort(), STEP_MILLISECONDS);
  };
  const unlisten = effects.onInterrupt(() => {
    if (stop.signal.aborted) return kill.abort();
    begin();
    effects.err(`\n${words}\n`);
  });
  const unwatch = effects.onAbandoned(begin);
  try {
    return await work({ stop: stop.signal, kill: kill.signal });
  } finally {
    clearTimeout(overdue);
    unlisten();
    unwatch();
  }
}
