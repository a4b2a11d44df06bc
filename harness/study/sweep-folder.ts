/** @file The folder of a sweep: which configurations it holds, one output folder each, and which sweep it is a part of. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { methodDifferences } from "../../record/statement/conditions.ts";
import { differenceText } from "../../record/statement/difference-words.ts";
import { visibleLine } from "../../setup/shared/visible.mjs";
import { UserError } from "../errors.ts";
import { makeFolder, onDisk, writeJsonAtomic } from "../files.ts";
import type { Environment } from "./environment.ts";
import {
  type OutputFolder,
  type PlannedRun,
  openFolder,
  prepareFolder,
  readPart,
} from "./run-folder.ts";

const SWEEP_FILE = "sweep.json";

const FolderNames = z.array(z.string().regex(/^[^/\\]+$/));

const Whole = z.strictObject({
  /** Names of all output folders of the sweep, in the order they were asked for. */
  folders: FolderNames.min(1),
  /** How many parts they were divided into. */
  parts: z.int().min(1),
});
export type Whole = z.infer<typeof Whole>;

const Sweep = z.strictObject({
  /** Configurations trained at the same time when the sweep began. */
  jobs: z.int().min(1),
  /** Names of the output folders, in the order they were asked for. */
  folders: FolderNames,
  /** The sweep that this is a part of, until all of it is here. */
  whole: Whole.optional(),
});
type Sweep = z.infer<typeof Sweep>;

/** `cnn-16+wd=0.005,dropout=0.5`. */
export function folderName({ arch, regs }: { arch: string; regs: string }): string {
  return `${arch}+${regs}`;
}

/**
 * Makes a sweep's folder with all its output folders, or continues an existing one. Configurations
 * may be added to a sweep, never removed.
 *
 * @param planned names of output folders that will be added later and may have been begun.
 * @param whole the sweep that these are a part of; null for all of it.
 */
export function prepareSweep(
  path: string,
  plannedRuns: PlannedRun[],
  jobs: number,
  environment: Environment,
  { planned = [], whole = null }: { planned?: readonly string[]; whole?: Whole | null } = {},
): OutputFolder[] {
  const names = plannedRuns.map(({ configuration }) => folderName(configuration));
  requireSweepPlace(path, [...names, ...planned, ...(whole?.folders ?? [])]);
  const before: Omit<Sweep, "jobs"> = isSweep(path) ? readSweep(path) : { folders: [] };
  requireAlike(path, before.folders, plannedRuns);
  makeFolder(path);
  const folders = plannedRuns.map((plannedRun) =>
    prepareFolder(join(path, folderName(plannedRun.configuration)), plannedRun, environment),
  );
  // Last: a folder with a sweep.json has all of its output folders.
  const wholes = [before.whole ?? null, whole].filter((each) => each !== null);
  writeSweep(path, { jobs, folders: [...before.folders, ...names] }, wholes);
  return folders;
}

/**
 * Writes sweep.json. Folders of a whole stand in its order, whichever came first; it is forgotten once all of it is there.
 *
 * @param wholes which the folders are parts of.
 */
export function writeSweep(
  path: string,
  { jobs, folders }: Omit<Sweep, "whole">,
  wholes: readonly Whole[],
): void {
  const there = new Set(folders);
  const order = new Set(wholes.flatMap((whole) => whole.folders));
  const others = [...there].filter((name) => !order.has(name));
  const isPart = [...order].some((name) => !there.has(name));
  writeJsonAtomic(join(path, SWEEP_FILE), {
    jobs,
    folders: [...others, ...[...order].filter((name) => there.has(name))],
    ...(isPart ? { whole: { folders: [...order], parts: wholes.at(-1)!.parts } } : {}),
  });
}

/**
 * The configurations of one sweep are compared with each other.
 *
 * @throws UserError when those to be added follow another protocol, or depart from it in another way.
 */
function requireAlike(
  path: string,
  before: readonly string[],
  plannedRuns: readonly PlannedRun[],
): void {
  // A folder whose challenge was set aside is still listed, but empty until it is begun again.
  const first = before.find((name) => existsSync(join(path, name, "config.json")));
  if (first === undefined) return;
  const old = openFolder(join(path, first));
  const sides = [old, ...plannedRuns].map(({ protocol, configuration }) => ({
    protocol,
    ...{ limit: configuration.limit, ablations: configuration.ablations },
  }));
  const names = ["there", ...plannedRuns.map(() => "asked for")];
  const differing = methodDifferences(sides).map((each) => `  ${differenceText(each, names)}`);
  if (differing.length === 0) return;
  throw new UserError(
    [
      `${path} holds a sweep whose numbers could not be compared with these:`,
      ...differing,
      "Choose another --out.",
    ].join("\n"),
  );
}

/**
 * @param names of the output folders that may exist already.
 * @throws UserError naming any other files.
 */
export function requireSweepPlace(path: string, names: readonly string[]): void {
  if (!existsSync(path) || isSweep(path)) return;
  const present = readdirSync(path).filter((name) => !name.startsWith("."));
  const foreign = present.filter((name) => !names.includes(name));
  if (foreign.length > 0)
    throw new UserError(
      `${path} is not empty (${foreign.slice(0, 3).map(visibleLine).join(", ")}) and not the folder of a sweep. Choose another --out.`,
    );
}

/** Names of a sweep's output folders. @throws UserError for a damaged sweep.json. */
export function sweepFolders(path: string): readonly string[] {
  return readSweep(path).folders;
}

/** The sweep that this folder holds a part of; null where it holds all. */
export function wholeOf(path: string): Whole | null {
  return isSweep(path) ? (readSweep(path).whole ?? null) : null;
}

export function isSweep(path: string): boolean {
  return existsSync(join(path, SWEEP_FILE));
}

/**
 * The output folders below a path: those of a sweep, or the path itself.
 *
 * @throws UserError when it is neither.
 */
export function openFolders(path: string): OutputFolder[] {
  if (isSweep(path) && sweepFolders(path).length === 0)
    throw new UserError(`${path} is a part of a sweep that has no configuration of its own.`);
  if (isSweep(path)) return sweepFolders(path).map((name) => openListed(path, name));
  if (existsSync(join(path, "config.json"))) return [openFolder(path)];
  const stats = (file: string) => onDisk(() => statSync(file, { throwIfNoEntry: false }));
  if (!stats(path)) throw new UserError(`There is no folder ${path}.`);
  stats(join(path, SWEEP_FILE)); // throws for a folder that may not be entered
  throw new UserError(
    `${path} is not an output folder of a run or a sweep: it has neither a config.json nor a ${SWEEP_FILE}.`,
  );
}

/** One of a sweep's output folders. */
function openListed(sweep: string, name: string): OutputFolder {
  const path = join(sweep, name);
  if (existsSync(join(path, "config.json"))) return openFolder(path);
  throw new UserError(
    `${path} has no config.json, but ${SWEEP_FILE} beside it lists that folder. Put it back, or begin it anew with the sweep ` +
      "that made it: the same command again trains what is missing.",
  );
}

/** Configurations trained at the same time when the sweep began; 1 for a single run. */
export function jobsOf(path: string): number {
  return isSweep(path) ? readSweep(path).jobs : 1;
}

function readSweep(path: string): z.output<typeof Sweep> {
  return readPart(join(path, SWEEP_FILE), Sweep);
}
