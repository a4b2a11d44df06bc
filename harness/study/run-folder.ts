/** @file The output folder of one configuration: what is in it, and which of its seeds are still to train. */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { FORMER, isFormer } from "../../record/former-version.ts";
import { canonicalJson } from "../../record/canonical-json.ts";
import { Configuration, MOST_SEEDS, unsubmittable } from "../../record/configuration.ts";
import { Protocol } from "../../record/protocols.ts";
import { brokenRules, problemLine, schemaProblems } from "../../record/problem.ts";
import { visibleLine } from "../../setup/shared/visible.mjs";
import { EXIT, UserError } from "../errors.ts";
import { appendText, makeFolder, readDocument, readJson, writeJsonAtomic } from "../files.ts";
import { type CustomSources, SOURCE_FILES, writeSources } from "../custom-sources.ts";
import {
  DATA_FILE,
  type DataNote,
  readDataNote,
  summarizedData,
  writeDataNote,
} from "../data/local/data-note.ts";
import type { Environment } from "./environment.ts";
import { environmentsOfRuns, unlikeReasons } from "./run-environments.ts";
import { runProblems } from "../../record/statement/run-problems.ts";
import { Run } from "../../record/run.ts";
import { MANIFEST_FILE, hasManifest, writeManifest } from "./manifest.ts";
import { type Outcome, outcome } from "../../record/summary.ts";

/** Files of a folder with a challenge, written before its seeds are known. */
const FIRST_FILES = ["commitment.json", "challenge.json", "entry.json"];

export interface OutputFolder {
  /** Absolute path. */
  path: string;
  configuration: Configuration;
  protocol: Protocol;
}

/** A configuration to train, in which the number of threads may have been left to the machine. */
export interface PlannedRun {
  configuration: Configuration;
  protocol: Protocol;
  /** Source texts of custom code. */
  sources: CustomSources;
  /** Name and place of somebody's own data; null on a published data set. */
  data: DataNote | null;
  /** False where it was; then an existing folder keeps the number that it began with. */
  choosesThreads: boolean;
}

/**
 * Makes the folder, or continues one that holds the same configuration, with the seeds of both; those that config.json
 * lacks are written into it by `keepSeeds`.
 *
 * @throws UserError when it holds another configuration, or other files.
 */
export function prepareFolder(
  path: string,
  plannedRun: PlannedRun,
  environment: Environment,
): OutputFolder {
  if (existsSync(join(path, "config.json"))) return reopen(path, plannedRun);
  requireOwnPlace(path);
  makeFolder(path);
  const { configuration, protocol, sources, data } = plannedRun;
  writeJsonAtomic(join(path, "protocol.json"), protocol);
  writeJsonAtomic(join(path, "env.json"), environment);
  writeSources(path, sources);
  if (data !== null) writeDataNote(path, data);
  // Last: a folder with a config.json has the other files, too.
  writeJsonAtomic(join(path, "config.json"), configuration);
  return { path, configuration, protocol };
}

/**
 * Reads a folder that was prepared earlier.
 *
 * @throws UserError when it is not an output folder, or damaged.
 */
export function openFolder(path: string): OutputFolder {
  return {
    path,
    configuration: readPart(join(path, "config.json"), Configuration),
    protocol: readProtocol(path),
  };
}

function readProtocol(path: string): Protocol {
  const file = join(path, "protocol.json");
  if (isFormer(readJson(file))) throw new UserError(`${path} is ${FORMER}.`, EXIT.verification);
  return readPart(file, Protocol);
}

/** Seeds whose final.json is not there yet, in the configuration's order. */
export function pendingSeeds({ path, configuration }: OutputFolder): number[] {
  return configuration.seeds.filter((seed) => !existsSync(finalPath(path, seed)));
}

/** Path of a seed's result. */
export function finalPath(folder: string, seed: number): string {
  return join(folder, "seeds", String(seed), "final.json");
}

/** True when nothing is left to do: every seed has its final.json, the summary and the manifest are written. */
export function isFinished(folder: OutputFolder): boolean {
  return hasManifest(folder.path) && pendingSeeds(folder).length === 0;
}

/** Removes the manifest, which marks a folder as complete, and the summary of its runs, before more is written. */
export function unfinish({ path }: Pick<OutputFolder, "path">): void {
  rmSync(join(path, MANIFEST_FILE), { force: true });
  rmSync(join(path, SUMMARY_FILE), { force: true });
}

/**
 * The folder as it will be with these seeds as well, after its own, in the order in which they were first asked for.
 *
 * @throws UserError when they are too many.
 */
export function withSeeds(folder: OutputFolder, more: readonly number[]): OutputFolder {
  const seeds = [...new Set([...folder.configuration.seeds, ...more])];
  if (seeds.length > MOST_SEEDS)
    throw new UserError(
      `${folder.path} would have ${seeds.length} seeds; the most is ${MOST_SEEDS}. Nothing was begun.`,
    );
  return { ...folder, configuration: { ...folder.configuration, seeds } };
}

/** Is a seed of this plan missing in the folder's config.json? */
export function lacksSeeds(folder: OutputFolder): boolean {
  const kept = new Set(openFolder(folder.path).configuration.seeds);
  return folder.configuration.seeds.some((seed) => !kept.has(seed));
}

/**
 * Writes the seeds of a plan into config.json, after those that are there by now. A crash leaves the old seeds or all,
 * and nothing that calls the folder complete. The caller holds the folder's lock.
 *
 * @returns the folder as it is now.
 */
export function keepSeeds(folder: OutputFolder): OutputFolder {
  const kept = openFolder(folder.path);
  const grown = withSeeds(kept, folder.configuration.seeds);
  if (grown.configuration.seeds.length === kept.configuration.seeds.length) return kept;
  unfinish(folder);
  writeJsonAtomic(join(folder.path, "config.json"), grown.configuration);
  return grown;
}

function reopen(path: string, plannedRun: PlannedRun): OutputFolder {
  const folder = openFolder(path);
  const was = folder.configuration;
  const { seeds } = plannedRun.configuration;
  const wanted = {
    ...plannedRun.configuration,
    seeds: was.seeds,
    threads: plannedRun.choosesThreads ? plannedRun.configuration.threads : was.threads,
  };
  const differences = differingFields(was, wanted);
  if (differences.length === 0) return withSeeds(folder, seeds);
  throw new UserError(
    [
      `${path} holds another configuration:`,
      ...differences.map(([key, old, asked]) => `  ${key}: there ${old}, asked for ${asked}`),
      ...otherData(path, plannedRun),
      "Choose another --out, or resume that folder as it is with `rademark resume`.",
    ].join("\n"),
  );
}

/** An id alone does not say that the data are others. */
function otherData(path: string, { data }: PlannedRun): string[] {
  const there = readDataNote(path);
  const words = (note: DataNote | null) =>
    note === null ? "a published data set" : `${note.name} (${note.digests.train.slice(0, 12)})`;
  return canonicalJson(there?.digests ?? null) === canonicalJson(data?.digests ?? null)
    ? []
    : [`  data: there ${words(there)}, asked for ${words(data)}`];
}

function differingFields(was: Configuration, wanted: Configuration): [string, string, string][] {
  return Object.keys(wanted).flatMap((key): [string, string, string][] => {
    const [old, asked] = [was, wanted].map((side) =>
      canonicalJson(side[key as keyof Configuration]),
    );
    return old === asked ? [] : [[key, old!, asked!]];
  });
}

/**
 * A run never writes into a folder that holds other files.
 *
 * @throws UserError naming them.
 */
export function requireOwnPlace(path: string): void {
  if (!existsSync(path)) return;
  const files = ["protocol.json", "env.json", DATA_FILE, "log.txt", ...Object.values(SOURCE_FILES)];
  const ours = new Set([...FIRST_FILES, ...files]);
  const foreign = readdirSync(path).filter((name) => !ours.has(name) && !name.startsWith("."));
  if (foreign.length > 0)
    throw new UserError(
      `${path} is not empty (${foreign.slice(0, 3).map(visibleLine).join(", ")}) and not an output folder of a run. Choose another --out.`,
    );
}

/** @throws UserError where it is missing or damaged. */
export function readPart<T extends z.ZodType>(path: string, schema: T): z.output<T> {
  const document = readDocument(path, schema);
  if (document !== null) return document;
  throw new UserError(`${path} is missing: this is not an output folder.`);
}

const SUMMARY_FILE = "summary.json";

/**
 * The run of a seed, or null while it is not finished.
 *
 * @throws UserError naming the file and every rule that it breaks.
 */
export function readRun(folder: OutputFolder, seed: number): Run | null {
  const path = finalPath(folder.path, seed);
  const document = readJson(path);
  if (document === null) return null;
  if (isFormer(document)) throw new UserError(`${path} is ${FORMER}.`, EXIT.verification);
  const parsed = Run.safeParse(document);
  const problems = parsed.success
    ? [...runProblems(parsed.data, folder.protocol), ...placeProblems(parsed.data, folder, seed)]
    : schemaProblems(parsed.error, document);
  if (parsed.success && problems.length === 0) return parsed.data;
  const shown = problems.slice(0, 8).map((problem) => `  ${problemLine(problem)}`);
  const more = problems.length > 8 ? [`  and ${problems.length - 8} more`] : [];
  throw new UserError(
    [
      `${path} is damaged or was edited:`,
      ...shown,
      ...more,
      `Delete it and train the seed again: rademark resume ${relative(".", folder.path) || "."}`,
    ].join("\n"),
    EXIT.verification,
  );
}

/** What does not fit between a run and the folder it lies in. */
function placeProblems(run: Run, { configuration, protocol }: OutputFolder, seed: number) {
  const { arch, regs, limit } = configuration;
  const length = Math.min(protocol.epochs, limit ?? Infinity);
  const isWhole = run.status === "diverged" || run.epochs.length === length;
  return brokenRules(run, [
    [run.seed === seed, ["seed"], "folder-seed", `${run.seed} in the folder of seed ${seed}`],
    [run.arch === arch, ["arch"], "folder-arch", `${run.arch}, but config.json says ${arch}`],
    [run.regs === regs, ["regs"], "folder-regs", `${run.regs}, but config.json says ${regs}`],
    [isWhole, ["epochs"], "folder-epochs", `${run.epochs.length} of ${length}`],
  ]);
}

/** Appends text unchanged. */
export function logText(folder: string, text: string): void {
  try {
    appendText(join(folder, "log.txt"), text);
  } catch {
    // A disk too full for a log line is too full for a checkpoint, whose failure is reported; likewise a lost folder.
  }
}

/** Appends a line with its time. */
export function logLine(folder: string, line: string): void {
  logText(folder, `${new Date().toISOString()} ${line}\n`);
}

/** What `--json` prints of a configuration. */
export interface Summarized extends Outcome {
  /** Why the result cannot be submitted; empty when it can. */
  unsubmittable: string[];
  /** Name and digests of somebody's own data; not there on a published data set. */
  data?: { name: string | null; train: string | null; test: string | null };
}

/**
 * Recomputes everything from the finished seeds' counts; null before the first seed is finished.
 *
 * @throws UserError for a final.json that is damaged or belongs elsewhere.
 */
export function summarizeFolder(folder: OutputFolder): Summarized | null {
  const { configuration, protocol } = folder;
  const runs = configuration.seeds.flatMap((seed) => readRun(folder, seed) ?? []);
  const [first, ...others] = runs;
  if (!first) return null;
  return {
    ...outcome([first, ...others], protocol),
    unsubmittable: unsubmittableReasons(folder),
    ...summarizedData(folder),
  };
}

/**
 * Why the result cannot be submitted; empty when it can.
 *
 * @param seeds of the runs that it would have.
 */
export function unsubmittableReasons(
  { path, configuration, protocol }: OutputFolder,
  seeds: readonly number[] = protocol.panelSeeds,
): string[] {
  const finished = seeds.filter((seed) => existsSync(finalPath(path, seed)));
  return [
    ...unsubmittable(configuration, protocol),
    ...unlikeReasons(environmentsOfRuns(path, finished)),
  ];
}

/** Writes summary.json and, last, manifest.json. */
export async function finishFolder(folder: OutputFolder): Promise<void> {
  writeJsonAtomic(join(folder.path, SUMMARY_FILE), summarizeFolder(folder));
  await writeManifest(folder.path);
}
