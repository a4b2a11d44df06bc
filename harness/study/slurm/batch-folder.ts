/**
 * @file `.slurm/` in a sweep's folder: a folder for each job array, with its tasks, its job and what its tasks have noted. It
 * is all that is known of them, so that any process on any node can go on from it.
 */

import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder, readDocument, writeJsonAtomic } from "../../files.ts";

/** tasks.json, written before the array is submitted. */
const BatchPlan = z.strictObject({
  /** Name of the job, which no other has. */
  name: z.string(),
  /** The command that made it. */
  again: z.string(),
  /** Trainings at the same time in a task, and GPUs for them, as `--devices` names them; null: what Slurm gives. */
  jobs: z.int().min(1),
  devices: z.array(z.string()).nullable(),
  /** By their places in the array: the output folder's name, and how far it had come. */
  tasks: z.array(z.strictObject({ folder: z.string(), mark: z.string() })).min(1),
});
export type BatchPlan = z.infer<typeof BatchPlan>;

const Job = z.strictObject({ id: z.string() });

const Begin = z.strictObject({
  /** Such as `12_3`. */
  job: z.string(),
  /** How often it had been requeued. */
  restarts: z.int().min(0),
  node: z.string(),
  at: z.string(),
});
export type Begin = z.infer<typeof Begin>;

const End = z.strictObject({
  exitCode: z.int(),
  /** Slurm had said that the time limit is near. */
  nearLimit: z.boolean(),
});
export type End = z.infer<typeof End>;

export interface Batch {
  path: string;
  plan: BatchPlan;
  /** Null: nobody knows whether it was submitted. */
  job: string | null;
}

export const slurmFolder = (root: string) => join(root, ".slurm");

/** In the order in which they were made. @throws UserError for one that is damaged. */
export function readBatches(root: string): Batch[] {
  return numbersOf(root)
    .map((number) => join(slurmFolder(root), String(number)))
    .flatMap((path) => {
      const plan = readDocument(join(path, "tasks.json"), BatchPlan);
      const job = readDocument(join(path, "job.json"), Job);
      return plan === null ? [] : [{ path, plan, job: job && job.id }];
    });
}

/** @throws UserError for one that is damaged; null where there is none. */
export function readBatchPlan(path: string): BatchPlan | null {
  return readDocument(join(path, "tasks.json"), BatchPlan);
}

/** The folder of the next array. */
export function nextBatchPath(root: string): string {
  return join(slurmFolder(root), String(Math.max(0, ...numbersOf(root)) + 1));
}

export function writeBatchPlan(path: string, plan: BatchPlan): void {
  makeFolder(path);
  writeJsonAtomic(join(path, "tasks.json"), plan);
}

export function writeJob(path: string, id: string): void {
  writeJsonAtomic(join(path, "job.json"), { id });
}

/** Removes an array that Slurm has not taken. */
export function removeBatch(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

export function noteBegin(batch: string, index: number, begin: Begin): void {
  rmSync(notePath(batch, index, "end"), { force: true });
  writeJsonAtomic(notePath(batch, index, "begin"), begin);
}

export function noteEnd(batch: string, index: number, end: End): void {
  writeJsonAtomic(notePath(batch, index, "end"), end);
}

/** What a task has noted of its latest start. */
export function readNotes(batch: string, index: number): { begin: Begin | null; end: End | null } {
  return {
    begin: readDocument(notePath(batch, index, "begin"), Begin),
    end: readDocument(notePath(batch, index, "end"), End),
  };
}

const notePath = (batch: string, index: number, what: "begin" | "end") =>
  join(batch, `${index}.${what}.json`);

/** The file that a task's output goes to; Slurm writes the last words there. */
export const outputPath = (batch: string, index: number | "%a") => join(batch, `${index}.out`);

/** The last lines that a task, or Slurm about it, has printed. */
export function lastOutput(batch: string, index: number, lines = 8): string[] {
  const path = outputPath(batch, index);
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-lines);
}

function numbersOf(root: string): number[] {
  const folder = slurmFolder(root);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
