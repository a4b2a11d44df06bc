/** @file `sweep --slurm`: plans the sweep here, has a Slurm cluster train it, and follows. */

import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { quoted, typedLine } from "../command-line.ts";
import type { Effects } from "../effects.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { makeFolder, onDisk } from "../files.ts";
import { formatCount, formatDuration } from "../format.ts";
import type { Interruption } from "../study/pool.ts";
import { type OutputFolder, type PlannedRun, isFinished } from "../study/run-folder.ts";
import { folderName, prepareSweep } from "../study/sweep-folder.ts";
import { nextBatchPath, slurmFolder } from "../study/slurm/batch-folder.ts";
import { batchScript, sbatchArguments, scriptPath } from "../study/slurm/batch-script.ts";
import { mostArrayTasks } from "../study/slurm/cluster.ts";
import {
  type SlurmListener,
  type SweepState,
  type TaskOptions,
  followSweep,
  submissionOf,
} from "../study/slurm/following.ts";
import { epochsOfSeed, trainedSoFar } from "../study/slurm/training-mark.ts";
import { FolderInUse, lockFolder } from "../train/run-lock.ts";
import { workerVariables } from "./command.ts";
import { createPainter } from "./progress.ts";
import { train } from "./training.ts";

export interface SlurmPlan {
  root: string;
  plannedRuns: PlannedRun[];
  /** Of one task. */
  jobs: number;
  /** As `--devices` names them, among those that Slurm gives to a task; null: all of these. */
  devices: string[] | null;
  /** Words of `--sbatch`. */
  sbatch: readonly string[];
  quiet: boolean;
  typed: readonly string[];
}

/** Submits what is unfinished and follows all of it; the jobs outlive this process. */
export async function sweepOnSlurm(
  plan: SlurmPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode }> {
  const { root, plannedRuns, jobs, devices, quiet, typed } = plan;
  const mostTasks = await mostArrayTasks(effects.env);
  const again = typedLine(typed, effects);
  return train(
    {
      ...{ root, many: true, jobs, devices, quiet, code: [], typed, again },
      prepare: (environment) => prepareSweep(root, plannedRuns, jobs, environment),
      elsewhere: (folders, interruption) => follow(folders, mostTasks, interruption, plan, effects),
    },
    effects,
  );
}

/** The script and the command of an array for all of these, as text; nothing is asked of Slurm. */
export function slurmPreview(plan: SlurmPlan, effects: Effects): string {
  const { root, plannedRuns } = plan;
  const open = plannedRuns.filter((each) => {
    const path = join(root, folderName(each.configuration));
    return !isFinished({ ...each, path });
  });
  if (open.length === 0) return "";
  const submission = submissionOf(
    taskOptions(plan, plannedRuns, effects),
    nextBatchPath(root),
    open.length,
  );
  const command = ["sbatch", ...sbatchArguments(submission)].map(quoted).join(" ");
  return `# ${scriptPath(submission)}\n${batchScript(submission)}\n# submitted by\n${command}\n`;
}

async function follow(
  folders: readonly OutputFolder[],
  mostTasks: number,
  { stop: signal }: Interruption,
  plan: SlurmPlan,
  effects: Effects,
): Promise<ExitCode> {
  const { root, jobs, devices, quiet, typed } = plan;
  const place = slurmFolder(root);
  makeFolder(place);
  const lock = await lockFolder(place, { signal }).catch((error: unknown) => {
    if (!(error instanceof FolderInUse)) throw error;
    throw new UserError(
      `${error.who} is following this sweep already. Wait for it, or stop it: the jobs go on.`,
    );
  });
  const listener = new SlurmProgress(folders, effects, quiet);
  try {
    const failed = await followSweep({
      ...{ ...taskOptions(plan, folders, effects), mostTasks, env: effects.env, signal, listener },
      folders: new Map(folders.map((folder) => [folderName(folder.configuration), folder])),
      task: { again: typedLine(typed, effects), jobs, devices },
    });
    if (failed === null) return EXIT.interrupted;
    if (failed.size > 0) return EXIT.runFailed;
    onDisk(() => rmSync(place, { recursive: true, force: true }));
    return EXIT.ok;
  } finally {
    listener.end();
    lock.release();
  }
}

/** What is the same for all tasks. */
function taskOptions(
  { root, jobs, sbatch }: SlurmPlan,
  planned: readonly Pick<OutputFolder, "configuration">[],
  { env }: Effects,
): TaskOptions {
  const threads = Math.max(...planned.map(({ configuration }) => configuration.threads));
  const module = fileURLToPath(new URL("./slurm-task.ts", import.meta.url));
  const { RADEMARK_CONFIG: config } = env;
  return {
    ...{ root, cpus: jobs * threads, more: sbatch },
    program: [process.execPath, module],
    variables: { ...workerVariables(env), ...(config ? { RADEMARK_CONFIG: config } : {}) },
  };
}

/** Least time between two lines that a pipe or a log gets. */
const PLAIN_MILLISECONDS = 10_000;

/** What is done, runs and waits, on stderr: one live line on a terminal, a line now and then elsewhere. */
class SlurmProgress implements SlurmListener {
  readonly #effects: Effects;
  readonly #quiet: boolean;
  readonly #painter: ReturnType<typeof createPainter>;
  readonly #folders: ReadonlyMap<string, OutputFolder>;
  /** By folder name; what waits does not change. */
  readonly #trained: Map<string, { seeds: number; epochs: number }>;
  #first: { epochs: number; at: number } | null = null;
  #said = { text: "", at: -Infinity };

  constructor(folders: readonly OutputFolder[], effects: Effects, quiet: boolean) {
    this.#effects = effects;
    this.#quiet = quiet;
    this.#painter = createPainter(effects);
    const named = folders.map((folder) => [folderName(folder.configuration), folder] as const);
    this.#folders = new Map(named);
    this.#trained = new Map(named.map(([name, folder]) => [name, trainedSoFar(folder)]));
  }

  onEvent(line: string): void {
    if (!this.#quiet) this.#painter.print(line);
  }

  onFailure({ configuration: { arch, regs } }: OutputFolder, reason: string[]): void {
    this.#painter.print([`${arch} ${regs} failed: ${reason[0]}`, ...reason.slice(1)].join("\n  "));
  }

  onState(state: SweepState): void {
    for (const name of [...state.running, ...state.done])
      if (this.#trained.get(name)!.seeds < this.#folders.get(name)!.configuration.seeds.length)
        this.#trained.set(name, trainedSoFar(this.#folders.get(name)!));
    if (this.#quiet) return;
    const text = this.#text(state);
    if (this.#effects.terminal) return this.#painter.repaint([text]);
    const now = this.#effects.now();
    if (text === this.#said.text || now - this.#said.at < PLAIN_MILLISECONDS) return;
    this.#said = { text, at: now };
    this.#painter.print(text);
  }

  end(): void {
    this.#painter.clear();
  }

  #text({ done, running, waiting, failed, reasons }: SweepState): string {
    const all = this.#folders.size;
    const seeds = sum(this.#folders.values(), ({ configuration }) => configuration.seeds.length);
    const why = reasons.size === 0 ? "" : ` (${[...reasons].join(", ")})`;
    const parts = [
      `${formatCount(done.size)} of ${formatCount(all)} configurations done`,
      `${formatCount(running.size)} running`,
      ...(waiting.size === 0 ? [] : [`${formatCount(waiting.size)} waiting${why}`]),
      ...(failed.size === 0 ? [] : [`${formatCount(failed.size)} failed`]),
      `${formatCount(sum(this.#trained.values(), (each) => each.seeds))} of ${formatCount(seeds)} runs`,
      `${formatDuration(this.#remainingSeconds(failed))} left`,
    ];
    return parts.join(", ");
  }

  /** As if the epochs to come took as long as those since this process began to follow; null before the first. */
  #remainingSeconds(failed: ReadonlySet<string>): number | null {
    const now = this.#effects.now();
    const epochs = sum(this.#trained.values(), (each) => each.epochs);
    this.#first ??= { epochs, at: now };
    const left = sum(this.#folders, ([name, folder]) =>
      failed.has(name)
        ? 0
        : folder.configuration.seeds.length * epochsOfSeed(folder) -
          this.#trained.get(name)!.epochs,
    );
    const gained = epochs - this.#first.epochs;
    return gained === 0 ? null : (left * (now - this.#first.at)) / 1000 / gained;
  }
}

function sum<T>(items: Iterable<T>, value: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += value(item);
  return total;
}
