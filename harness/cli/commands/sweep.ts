/** @file `rademark sweep`: every pair of architecture and regularizers. */

import { formatPlural } from "../../format.ts";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { requireInstalled } from "../../study/installed-engine.ts";
import { type PlannedRun } from "../../study/run-folder.ts";
import { folderName, prepareSweep } from "../../study/sweep-folder.ts";
import { itemsOf, readShard, shardText, wholeSweep } from "../../study/shards.ts";
import { readSbatchOptions } from "../../study/slurm/sbatch-options.ts";
import { EXIT, UserError } from "../../errors.ts";
import { challengeArguments, trainForBoards } from "../training.ts";
import { chooseData } from "../own-data.ts";
import { type Arguments, type Values, defineCommand, flag, inGroup } from "../command.ts";
import {
  SET_DETAILS,
  lanesFor,
  manyConfigurations,
  outputArguments,
  planGrid,
  trainingArguments,
} from "../training-arguments.ts";
import { printResults } from "../results.ts";
import { type SlurmPlan, slurmPreview, sweepOnSlurm } from "../slurm-sweep.ts";

const machineArguments = inGroup("many machines (docs/scaling.md)", {
  shard: {
    summary: "train part I of N alone, from 1/N to N/N; rademark merge puts the parts together",
    placeholder: "I/N",
    read: readShard,
    fallback: null,
  },
  slurm: flag("have a Slurm cluster train it, a task for each configuration, and follow"),
  sbatch: {
    summary: 'with --slurm, more options for sbatch, such as "-p gpu -G 1 -t 4:00:00"',
    placeholder: "OPTIONS",
    holdsOptions: true,
    read: readSbatchOptions,
    fallback: [] as string[],
  },
  dryRun: flag("with --slurm: print what would be submitted, and change nothing"),
} as const satisfies Arguments);

export const command = defineCommand({
  meta: {
    details:
      "--jobs trains configurations side by side and leaves --threads alone, because threads can\n" +
      "change the last bits of a result. On C cores, --jobs C --threads 1 suits small networks.\n" +
      "Into the same --out, another sweep adds configurations and seeds: what is finished is never trained\n" +
      "again (docs/study.md).\n" +
      "With --slurm each task has --jobs times --threads CPUs. The jobs go on after Ctrl-C or without the login\n" +
      "node; the same command follows them again, and submits only what is neither finished nor queued.\n" +
      "With --challenge every configuration gets its own challenge. A key may have only a few open at a time:\n" +
      "--submit submits each result as soon as it is trained, so that the next challenges can be taken.\n" +
      SET_DETAILS,
    examples: [
      'rademark sweep --protocol micro-1 --arch mlp-256,cnn-16 --reg "none;wd=0.005;dropout=0.5;aug;rl=10" --seeds panel --jobs 2 --out runs/grid',
      'rademark sweep --protocol micro-1 --arch mlp-256,cnn-16 --reg "none;wd=0.005" --threads 2 --slurm --sbatch "-t 1:00:00" --out runs/grid',
    ],
  },
  args: {
    ...manyConfigurations,
    ...trainingArguments,
    ...machineArguments,
    ...challengeArguments,
    ...outputArguments,
  },
  async run(values, effects, typed) {
    requireTogether(values);
    requireInstalled(values.engine);
    const data = await chooseData(values, effects);
    const all = await planGrid(values.arch, values.reg, values, effects, data);
    const root = resolve(effects.cwd, values.out);
    if (values.slurm) {
      const plan = slurmPlan(values, { root, plannedRuns: all, typed });
      if (values.dryRun) return (effects.out(slurmPreview(plan, effects)), EXIT.ok);
      const { folders, exitCode } = await sweepOnSlurm(plan, effects);
      printResults(folders, { json: values.json, many: true, exitCode }, effects);
      return exitCode;
    }
    const { shard } = values;
    const plannedRuns = shard === null ? all : itemsOf(all, shard);
    if (shard !== null && plannedRuns.length === 0 && !values.quiet)
      effects.err(
        `Part ${shardText(shard)} is empty: the sweep has ${formatPlural(all.length, "configuration")}.\n`,
      );
    const lanes = lanesFor(values, effects);
    const { jobs } = lanes;
    const whole = shard && wholeSweep(all, shard);
    const { folders, exitCode, exitCodeOfAll } = await trainForBoards(
      {
        ...values,
        ...lanes,
        root,
        plannedRuns,
        typed,
        renews: false,
        many: true,
        prepare: (environment) => prepareSweep(root, plannedRuns, jobs, environment, { whole }),
      },
      effects,
    );
    printResults(folders, { json: values.json, many: true, exitCode }, effects);
    return exitCodeOfAll;
  },
});

type MachineValues = Values<typeof machineArguments> &
  Values<typeof challengeArguments> &
  Pick<Values<typeof trainingArguments>, "jobs" | "devices" | "threads"> & { quiet: boolean };

/** @throws UserError for options that contradict each other, or do nothing. */
function requireTogether({ shard, slurm, sbatch, dryRun, challenge, submit }: MachineValues): void {
  const problems: [isWrong: boolean, words: string][] = [
    [slurm && shard !== null, "--shard does not go with --slurm, which divides the sweep itself."],
    [!slurm && sbatch.length > 0, "--sbatch is for --slurm."],
    [!slurm && dryRun, "--dry-run is for --slurm."],
    [
      challenge && (slurm || shard !== null),
      "--challenge goes with neither --shard nor --slurm: a key has few open challenges, whose seeds only one command can train.",
    ],
    [slurm && submit, "--submit does not go with --slurm: rademark submit lists what is trained."],
  ];
  const wrong = problems.filter(([isWrong]) => isWrong).map(([, words]) => words);
  if (wrong.length > 0) throw new UserError(wrong.join("\n"));
}

/** @throws UserError where the threads of a run would be those of this machine. */
function slurmPlan(
  { jobs, devices, threads, sbatch, quiet }: MachineValues,
  { root, plannedRuns, typed }: Pick<SlurmPlan, "root" | "plannedRuns" | "typed">,
): SlurmPlan {
  const isBegun = ({ configuration }: PlannedRun) =>
    existsSync(join(root, folderName(configuration), "config.json"));
  if (threads === null && !plannedRuns.every(isBegun))
    throw new UserError(
      "--threads is missing: with --slurm it says how many CPUs each run gets, whatever this machine has.",
    );
  return { root, plannedRuns, typed, sbatch, quiet, devices, jobs: jobs ?? devices?.length ?? 1 };
}
