/** @file sweep.json: which configurations a sweep holds, one output folder each. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { differenceText, methodDifferences } from "../../record/conditions.ts";
import { schemaProblems } from "../../record/problem.ts";
import { visibleLine } from "../../setup/shared/visible.mjs";
import { EXIT, UserError } from "../errors.ts";
import { makeFolder, onDisk, readJson, writeJsonAtomic } from "../files.ts";
import type { Environment } from "./environment.ts";
import { type OutputFolder, type Wish, openFolder, prepareFolder } from "./output-folder.ts";

export const SWEEP_FILE = "sweep.json";

const Sweep = z.strictObject({
  /** Configurations trained at the same time when the sweep began. */
  jobs: z.int().min(1),
  /** Names of the output folders, in the order they were asked for. */
  folders: z.array(z.string().regex(/^[^/\\]+$/)).min(1),
});

/** `cnn-16+wd=0.005,dropout=0.5`. */
export function folderName({ arch, regs }: { arch: string; regs: string }): string {
  return `${arch}+${regs}`;
}

/**
 * Makes a sweep's folder with all its output folders, or goes on with what is there. Configurations
 * may be added to a sweep; none is taken away.
 *
 * @param planned names of output folders that are added later and may have been begun.
 */
export function prepareSweep(
  path: string,
  wishes: Wish[],
  jobs: number,
  environment: Environment,
  planned: readonly string[] = [],
): OutputFolder[] {
  const names = wishes.map(({ configuration }) => folderName(configuration));
  requireSweepPlace(path, [...names, ...planned]);
  const before = isSweep(path) ? readSweep(path).folders : [];
  requireAlike(path, before, wishes);
  makeFolder(path);
  const folders = wishes.map((wish) =>
    prepareFolder(join(path, folderName(wish.configuration)), wish, environment),
  );
  // Last: a folder with a sweep.json has all of its output folders.
  writeJsonAtomic(join(path, SWEEP_FILE), { jobs, folders: [...new Set([...before, ...names])] });
  return folders;
}

/**
 * What stands in one sweep is compared.
 *
 * @throws UserError when more is to be added under another protocol, or departing from it otherwise.
 */
function requireAlike(path: string, before: readonly string[], wishes: readonly Wish[]): void {
  // A folder whose challenge was set aside is listed still, and empty until it is begun again.
  const first = before.find((name) => existsSync(join(path, name, "config.json")));
  if (first === undefined) return;
  const old = openFolder(join(path, first));
  const sides = [old, ...wishes].map(({ protocol, configuration }) => ({
    protocol,
    ...{ limit: configuration.limit, ablations: configuration.ablations },
  }));
  const names = ["there", ...wishes.map(() => "asked for")];
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
 * @param names of the output folders that may be there already.
 * @throws UserError naming what else is there.
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

export function isSweep(path: string): boolean {
  return existsSync(join(path, SWEEP_FILE));
}

/**
 * The output folders below a path: a sweep's, or the one that the path itself is.
 *
 * @throws UserError when it is neither.
 */
export function openFolders(path: string): OutputFolder[] {
  if (isSweep(path)) return readSweep(path).folders.map((name) => openFolder(join(path, name)));
  if (existsSync(join(path, "config.json"))) return [openFolder(path)];
  const look = (file: string) => onDisk(() => statSync(file, { throwIfNoEntry: false }));
  if (!look(path)) throw new UserError(`There is no folder ${path}.`);
  look(join(path, SWEEP_FILE)); // a folder that may not be entered says so
  throw new UserError(
    `${path} is not an output folder of a run or a sweep: it has neither a config.json nor a ${SWEEP_FILE}.`,
  );
}

/** Configurations at the same time, as the sweep began; 1 for a single run. */
export function jobsOf(path: string): number {
  return isSweep(path) ? readSweep(path).jobs : 1;
}

function readSweep(path: string): z.output<typeof Sweep> {
  const file = join(path, SWEEP_FILE);
  const parsed = Sweep.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error).map((problem) => `  ${problem}`);
  throw new UserError([`${file} is damaged:`, ...problems].join("\n"), EXIT.verification);
}
