/**
 * @file What a task of a Slurm array runs: `node slurm-task.ts BATCH INDEX` trains one configuration of the batch's folder.
 *
 * Slurm's signal before the time limit asks for a checkpoint, like Ctrl-C; then the task is requeued, if that is of use.
 */

import { join, resolve } from "node:path";
import { hostname } from "node:os";
import { catchSystemErrors } from "../../setup/shared/system-error.mjs";
import { visible } from "../../setup/shared/visible.mjs";
import { RecordError } from "../../record/problem.ts";
import { endsWithOutput, requestStop } from "../ending.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { type Effects, realEffects } from "../effects.ts";
import { explainDisk } from "../files.ts";
import { isFinished, logLine, openFolder } from "../study/run-folder.ts";
import { claimEnvironment } from "../study/run-environments.ts";
import { type BatchPlan, noteBegin, noteEnd, readBatchPlan } from "../study/slurm/batch-folder.ts";
import { requeueJob } from "../study/slurm/cluster.ts";
import { trainingMark } from "../study/slurm/training-mark.ts";
import { requireTrainable } from "./readiness.ts";
import { train } from "./training.ts";
import { lanesFor } from "./training-arguments.ts";

let isNearLimit = false;
process.on("SIGUSR2", () => {
  isNearLimit = true;
  requestStop();
});
catchSystemErrors("rademark: ", EXIT.runFailed, endsWithOutput);

const [batch = "", place = ""] = process.argv.slice(2);
process.exitCode = await perform(batch, Number(place), realEffects).catch(explain);

/** @param index of the task in the batch. */
async function perform(batch: string, index: number, effects: Effects): Promise<ExitCode> {
  const plan = readBatchPlan(batch);
  const task = plan?.tasks[index];
  if (!plan || !task)
    throw new UserError(
      `${batch} has no task ${place}: a Slurm job of rademark sweep --slurm starts this.`,
    );
  const folder = join(resolve(batch, "../.."), task.folder);
  begin(batch, index, folder);
  if (isFinished(openFolder(folder))) return EXIT.ok;
  return trainFolder(folder, plan, effects);
}

/** Notes the start now, and the end when the process ends, however that comes about. */
function begin(batch: string, index: number, folder: string): void {
  const { SLURM_JOB_ID: id = "" } = process.env;
  const restarts = Number(process.env.SLURM_RESTART_COUNT ?? 0);
  const mark = trainingMark(openFolder(folder));
  noteBegin(batch, index, {
    job: jobName(),
    restarts,
    node: nodeName(),
    at: new Date().toISOString(),
  });
  process.on("exit", (code) => {
    noteEnd(batch, index, { exitCode: code, nearLimit: isNearLimit });
    const reached = trainingMark(openFolder(folder));
    // Requeued without having got further, it would end in the same place for ever.
    if (isNearLimit && reached !== "finished" && reached !== mark) requeueJob(id);
  });
}

async function trainFolder(
  folder: string,
  { jobs, devices, again }: BatchPlan,
  effects: Effects,
): Promise<ExitCode> {
  const lanes = lanesFor({ jobs, devices }, effects);
  const { configuration } = openFolder(folder);
  const code = [configuration.source, configuration.regSource].filter((digest) => digest !== null);
  await requireTrainable([openFolder(folder)], { ...lanes, quiet: false }, effects);
  const { exitCode } = await train(
    {
      ...{ root: folder, many: false, ...lanes, quiet: false, code, again, typed: [] },
      prepare(environment) {
        claimEnvironment(folder, configuration.seeds, environment);
        logLine(folder, `Slurm job ${jobName()} on ${nodeName()}`);
        return [openFolder(folder)];
      },
    },
    effects,
  );
  return exitCode;
}

function jobName(): string {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: id } = process.env;
  return job === undefined ? (id ?? "none") : `${job}_${task}`;
}

function nodeName(): string {
  return process.env.SLURMD_NODENAME ?? hostname();
}

function explain(thrown: unknown): ExitCode {
  const error = explainDisk(thrown);
  if (!(error instanceof UserError || error instanceof RecordError)) throw error;
  process.stderr.write(`rademark: ${visible(error.message)}\n`);
  return error instanceof UserError ? error.exitCode : EXIT.usage;
}
