/** @file The script of a job array, and the options that it is submitted with. */

import { quoted } from "../../command-line.ts";
import { UserError } from "../../errors.ts";
import { outputPath } from "./batch-folder.ts";
import { throttleOf } from "./sbatch-options.ts";

/** Seconds from the signal to the time limit: a checkpoint takes up to ten, and Slurm may be a minute early. */
const LEAD_SECONDS = 60;

export interface Submission {
  /** The array's folder in `.slurm/`. */
  batch: string;
  /** Name of the job. */
  name: string;
  tasks: number;
  /** CPUs of a task. */
  cpus: number;
  /** Words of `--sbatch`. */
  more: readonly string[];
  /** Node, and the module that a task runs. */
  program: readonly [node: string, module: string];
  /** Variables that a task needs wherever it runs. */
  variables: Readonly<Record<string, string>>;
}

/**
 * Signals that Slurm sends to the script reach the task itself, as it takes the shell's place. One that comes before it
 * listens is ignored; later, the time limit itself asks once more.
 */
export function batchScript({ batch, program, variables }: Submission): string {
  const [node, module] = program;
  return [
    "#!/bin/bash",
    "# Written by rademark sweep --slurm: a task trains one configuration of tasks.json beside this file.",
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    "unset npm_lifecycle_event RADEMARK_HANG_UP",
    "trap '' USR2",
    `exec ${quoted(node)} ${quoted(module)} ${quoted(batch)} "$SLURM_ARRAY_TASK_ID"`,
    "",
  ].join("\n");
}

/** Where the script lies. */
export const scriptPath = ({ batch }: Pick<Submission, "batch">) => `${batch}/script.sh`;

/** The person's options come after what they may change, and before what they may not. */
export function sbatchArguments(submission: Submission): string[] {
  const { batch, name, tasks, cpus, more } = submission;
  const { throttle, rest } = throttleOf(more);
  return [
    ...[`--cpus-per-task=${cpus}`, "--requeue"],
    ...rest,
    ...["--parsable", `--job-name=${name}`, `--array=0-${tasks - 1}${throttle ?? ""}`],
    ...[`--chdir=${batch}`, `--output=${outputPattern(batch)}`, "--open-mode=append"],
    ...[`--signal=B:USR2@${LEAD_SECONDS}`, scriptPath(submission)],
  ];
}

/** @throws UserError for a path that Slurm would read otherwise. */
function outputPattern(batch: string): string {
  if (/[\\\n]/.test(batch))
    throw new UserError(
      `${batch}: Slurm gives a backslash or a line break in the name of an output file a meaning of its own. Choose another --out.`,
    );
  return outputPath(batch.replaceAll("%", "%%"), "%a");
}
