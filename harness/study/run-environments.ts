/** @file Which environments each run of a folder was made in: env.json, and seeds/SEED/env.json where that differs. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { canonicalJson } from "../../record/canonical-json.ts";
import { makeFolder, readDocument, writeJsonAtomic } from "../files.ts";
import { runFiles } from "../train/run-files.ts";
import { Environment, readEnvironment } from "./environment.ts";

/** In the order in which they trained the run: several where it was interrupted and went on elsewhere. Empty: not known. */
export type RunEnvironments = readonly Environment[];

/** @throws UserError for a file that is damaged. */
export function environmentsOfRuns(
  folder: string,
  seeds: readonly number[],
): Map<number, RunEnvironments> {
  const began = readEnvironment(folder);
  const otherwise = began === null ? [] : [began];
  return new Map(
    seeds.map((seed) => [seed, readDocument(ownFile(folder, seed), OwnEnvironments) ?? otherwise]),
  );
}

/** Path of a run's own environments, relative to the folder; there only where env.json does not describe the run. */
export const environmentPath = (seed: number) => `seeds/${seed}/env.json`;

/**
 * Notes where runs are about to be trained. The caller holds the folder's lock. A run that has a checkpoint goes on from
 * it, so it was made in both places; one without begins anew.
 */
export function noteEnvironment(
  folder: string,
  seeds: readonly number[],
  environment: Environment,
): void {
  const before = environmentsOfRuns(folder, seeds);
  for (const seed of seeds) {
    const earlier = existsSync(runFiles(folder, seed).checkpoint) ? before.get(seed)! : [];
    const last = earlier.at(-1);
    const isAlike = last !== undefined && isSame(last, environment);
    keepEnvironments(folder, seed, isAlike ? earlier : [...earlier, environment]);
  }
}

/** Writes a run's own environments, where env.json does not describe it. */
export function keepEnvironments(folder: string, seed: number, made: RunEnvironments): void {
  const began = readEnvironment(folder);
  if (began === null) return; // a folder whose machine is not known
  if (made.every((each) => isSame(each, began)))
    return rmSync(ownFile(folder, seed), { force: true });
  makeFolder(runFiles(folder, seed).folder);
  writeJsonAtomic(ownFile(folder, seed), made);
}

/**
 * Makes env.json that of the machine that begins to train a folder which another has prepared. The caller holds its lock.
 */
export function claimEnvironment(
  folder: string,
  seeds: readonly number[],
  environment: Environment,
): void {
  const isBegun = seeds.some((seed) => {
    const { final, checkpoint } = runFiles(folder, seed);
    return existsSync(final) || existsSync(checkpoint);
  });
  if (!isBegun) writeJsonAtomic(join(folder, "env.json"), environment);
}

/** What one environment has and another lacks, of all that a statement declares once for all of its runs and that can move numbers. */
export function environmentDifferences(a: Environment, b: Environment): [string, string, string][] {
  return Object.entries(DECLARED).flatMap(([name, say]): [string, string, string][] =>
    say(a) === say(b) ? [] : [[name, say(a), say(b)]],
  );
}

/** Such as `processor A (seeds 1, 2); B (seed 3)`; empty where all runs were made alike. */
export function unlikeRuns(made: ReadonlyMap<number, RunEnvironments>): string[] {
  return Object.entries(DECLARED).flatMap(([name, say]) => {
    const values = [...made].map(([seed, environments]) => ({
      seed,
      said: distinct(environments.map(say)),
    }));
    if (distinct(values.flatMap(({ said }) => said)).length < 2) return [];
    const groups = Map.groupBy(values, ({ said }) => said.join(", then ") || "not known");
    const texts = Array.from(groups, ([text, of]) => `${text} (${seedsText(of)})`);
    return [`${name} ${texts.join("; ")}`];
  });
}

/** Why runs cannot stand in one statement; empty when they can. */
export function unlikeReasons(made: ReadonlyMap<number, RunEnvironments>): string[] {
  const unlike = unlikeRuns(made);
  if (unlike.length === 0) return [];
  return [
    `its runs were not made alike (${unlike.join("; ")}), and a statement declares one machine, engine and version for all`,
  ];
}

/** Every environment once. */
export function distinctEnvironments(made: Iterable<RunEnvironments>): Environment[] {
  const found: Environment[] = [];
  for (const each of [...made].flat())
    if (!found.some((other) => other === each || isSame(other, each))) found.push(each);
  return found;
}

/** The harness's commit, if all have the same. */
export function commonGit(environments: RunEnvironments): Environment["git"] {
  const gits = environments.map(({ git }) => git);
  const [first = null] = gits;
  if (first === null || gits.some((git) => git?.commit !== first.commit)) return null;
  return { commit: first.commit, dirty: gits.some((git) => git!.dirty) };
}

const OwnEnvironments = z.array(Environment).min(1);

const ownFile = (folder: string, seed: number) => join(folder, environmentPath(seed));

/**
 * Not the memory, the number of cores, Node's version or the kernel's, which an update or another virtual machine changes:
 * they move no number. Nor the commit, which a statement can leave open.
 */
const DECLARED: Readonly<Record<string, (environment: Environment) => string>> = {
  harness: ({ harness }) => harness,
  tensorflow: ({ tensorflow }) => tensorflow ?? "not known",
  numerics: ({ numerics }) =>
    numerics === null
      ? "not known"
      : `${numerics.precision}${numerics.deterministic ? "" : ", not deterministic"}`,
  os: ({ os }) => os.split(" ")[0]!,
  cpu: ({ cpu }) => cpu,
  gpus: ({ gpus }) => gpus.map(({ name }) => name).join(", ") || "none",
};

function isSame(a: Environment, b: Environment): boolean {
  return environmentDifferences(a, b).length === 0 && canonicalJson(a.git) === canonicalJson(b.git);
}

const distinct = (values: readonly string[]) => [...new Set(values)];

const MOST_NAMED = 8;

function seedsText(of: readonly { seed: number }[]): string {
  const named = of.slice(0, MOST_NAMED).map(({ seed }) => seed);
  const more = of.length > MOST_NAMED ? ` and ${of.length - MOST_NAMED} more` : "";
  return `${of.length === 1 ? "seed" : "seeds"} ${named.join(", ")}${more}`;
}
