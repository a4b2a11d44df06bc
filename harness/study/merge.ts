/** @file Puts the parts of a sweep together that were trained apart: looks at all of them first, then copies. */

import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { canonicalJson } from "../../record/canonical-json.ts";
import type { Configuration } from "../../record/configuration.ts";
import { differences } from "../../record/statement/conditions.ts";
import { UserError } from "../errors.ts";
import { makeFolder, onDisk } from "../files.ts";
import { withFolder, writerOf } from "../train/run-lock.ts";
import { isTransient } from "./manifest.ts";
import { environmentsOfRuns, keepEnvironments } from "./run-environments.ts";
import {
  type OutputFolder,
  finalPath,
  finishFolder,
  isFinished,
  keepSeeds,
  logText,
  openFolder,
  pendingSeeds,
  withSeeds,
} from "./run-folder.ts";
import {
  type Whole,
  folderName,
  isSweep,
  jobsOf,
  openFolders,
  requireSweepPlace,
  sweepFolders,
  wholeOf,
  writeSweep,
} from "./sweep-folder.ts";
import { type Shard, shardAt } from "./shards.ts";
import { type Trained, conditionsOf, readTrained, requireOneProtocol } from "./trained.ts";

export interface Merge {
  /** The folder that will hold all of them. */
  out: string;
  jobs: number;
  /** By name, in the order of the sweep: the folders that hold runs of this configuration, that in `out` first. */
  sources: ReadonlyMap<string, readonly Trained[]>;
  /** Parts that are not among the folders, with the names of their configurations. */
  missingShards: { shard: Shard; names: string[] }[];
  /** Seeds that no folder has trained. */
  missingSeeds: { folder: OutputFolder; seeds: number[] }[];
}

/**
 * Reads and checks everything, and writes nothing.
 *
 * @param places folders of sweeps, of their parts, or of runs.
 * @param out may have been begun by an interrupted merge, or hold a sweep that these are added to.
 * @throws UserError for a folder that is damaged or in use, for numbers that cannot be compared, and for runs of one
 * configuration and seed that differ in more than their times.
 */
export function examineParts(places: readonly string[], out: string): Merge {
  const parts = [...new Set(places)].filter((place) => place !== out).map(readPart);
  const order = [
    ...new Set(parts.flatMap(({ whole, folders }) => whole?.folders ?? namesOf(folders))),
  ];
  requireSweepPlace(out, order);
  const begun = foldersIn(out, order);
  const folders = [...begun, ...parts.flatMap((part) => part.folders)];
  if (folders.length === 0) throw new UserError("None of these folders holds a configuration.");
  for (const { path } of folders) requireFree(path);
  const trained = folders.map(readTrained);
  requireOneProtocol(
    differences(trained.map(conditionsOf)),
    trained.map(({ folder }) => folder.path),
    "These are",
  );
  const names = new Set([...namesOf(begun), ...order]);
  const byName = Map.groupBy(trained, ({ folder }) => folderName(folder.configuration));
  const sources = new Map(
    [...names].flatMap((name) => (byName.has(name) ? [[name, byName.get(name)!]] : [])),
  );
  for (const [first, ...others] of sources.values())
    for (const other of others) requireSame(first!, other);
  return {
    ...{ out, sources },
    jobs: Math.max(...[out, ...places].map(jobsOf)),
    missingShards: missingShards(parts, new Set(sources.keys())),
    missingSeeds: [...sources.values()].flatMap(missingSeeds),
  };
}

interface Part {
  folders: OutputFolder[];
  whole: Whole | null;
}

/** A part may be empty. */
function readPart(path: string): Part {
  const isEmpty = isSweep(path) && sweepFolders(path).length === 0;
  return { folders: isEmpty ? [] : openFolders(path), whole: wholeOf(path) };
}

const namesOf = (folders: readonly OutputFolder[]) =>
  folders.map(({ configuration }) => folderName(configuration));

/** What is in the merged folder already; an interrupted merge has not come to its sweep.json. */
function foldersIn(out: string, order: readonly string[]): OutputFolder[] {
  const names = isSweep(out) ? sweepFolders(out) : order;
  return names
    .map((name) => join(out, name))
    .filter((path) => existsSync(join(path, "config.json")))
    .map(openFolder);
}

function requireFree(path: string): void {
  const writer = writerOf(path);
  if (writer !== null)
    throw new UserError(`${path} is in use by ${writer}. Merge it when that is done.`);
}

/** @throws UserError unless one of them says of every run, and of everything else, what the other does. */
function requireSame(a: Trained, b: Trained): void {
  const [here, there] = [a.folder.path, b.folder.path];
  const fields = differingFields(a.folder.configuration, b.folder.configuration);
  if (fields.length > 0)
    throw new UserError(
      `${here} and ${there} hold one configuration with other settings (${fields.join(", ")}), so their runs ` +
        "do not go together. Merge without one of them.",
    );
  const runs = new Map(a.runs.map((run) => [run.seed, run]));
  for (const run of b.runs) {
    const twin = runs.get(run.seed);
    if (
      twin &&
      canonicalJson({ ...twin, timing: null }) !== canonicalJson({ ...run, timing: null })
    )
      throw new UserError(
        `${finalPath(here, run.seed)} and ${finalPath(there, run.seed)} are two runs of one seed, with other numbers. ` +
          "Merge without one of them; nothing was written.",
      );
  }
  const file = otherFile(here, there);
  if (file !== null)
    throw new UserError(
      `${join(there, file)} is not ${existsSync(join(here, file)) ? "the same as" : "in"} ${here}, and only one can be kept. ` +
        `Name ${dirname(there)} first, or merge without one of them.`,
    );
}

function differingFields(a: Configuration, b: Configuration): string[] {
  return Object.keys(a).filter((key) => {
    const [here, there] = [a, b].map((side) => canonicalJson(side[key as keyof Configuration]));
    return key !== "seeds" && here !== there;
  });
}

/** Written anew for the runs that are merged, or told by them. */
const MADE = ["config.json", "env.json", "log.txt", "summary.json", "manifest.json", "report.html"];

/** The name of a file beside the runs, such as a receipt, that would be lost. */
function otherFile(kept: string, other: string): string | null {
  const files = readdirSync(other, { withFileTypes: true }).filter((entry) => entry.isFile());
  const own = files
    .map(({ name }) => name)
    .filter((name) => !MADE.includes(name) && !isTransient(name));
  const bytes = (folder: string, name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "base64") : null;
  return own.find((name) => bytes(kept, name) !== bytes(other, name)) ?? null;
}

function missingShards(parts: readonly Part[], there: ReadonlySet<string>): Merge["missingShards"] {
  const missing = parts.flatMap(({ whole }) =>
    (whole?.folders ?? []).flatMap((name, k) =>
      there.has(name) ? [] : [{ name, shard: shardAt(k, whole!.parts) }],
    ),
  );
  const distinct = new Map(missing.map((each) => [each.name, each]));
  const groups = Map.groupBy(distinct.values(), ({ shard: { index, of } }) => `${index}/${of}`);
  return Array.from(groups.values(), (group) => ({
    shard: group[0]!.shard,
    names: group.map(({ name }) => name),
  }));
}

/** Of one configuration. */
function missingSeeds(sources: readonly Trained[]): Merge["missingSeeds"] {
  const there = new Set(sources.flatMap(({ runs }) => runs.map(({ seed }) => seed)));
  const left = new Set<number>();
  return sources.flatMap(({ folder, pending }) => {
    const seeds = pending
      .map(({ seed }) => seed)
      .filter((seed) => !there.has(seed) && !left.has(seed));
    for (const seed of seeds) left.add(seed);
    return seeds.length === 0 ? [] : [{ folder, seeds }];
  });
}

/**
 * Copies everything into the merged folder; sources are not changed. Each configuration is there as a whole or not at all, so
 * that after a crash the same merge goes on.
 */
export async function mergeParts({ out, jobs, sources }: Merge): Promise<OutputFolder[]> {
  makeFolder(out);
  return withFolder(out, {}, async () => {
    const folders: OutputFolder[] = [];
    for (const [name, trained] of sources) folders.push(await mergeRuns(join(out, name), trained));
    writeSweep(out, { jobs, folders: [...sources.keys()] }, []);
    return folders;
  });
}

async function mergeRuns(path: string, sources: readonly Trained[]): Promise<OutputFolder> {
  if (!existsSync(join(path, "config.json"))) copyWhole(sources[0]!.folder.path, path);
  return withFolder(path, {}, async () => {
    for (const { folder } of sources) if (folder.path !== path) takeSeeds(path, folder);
    const merged = openFolder(path);
    if (!isFinished(merged)) await finishFolder(merged);
    return merged;
  });
}

/** Adds the seeds that another folder has and this one lacks. The caller holds the folder's lock. */
function takeSeeds(path: string, source: OutputFolder): void {
  const grown = keepSeeds(withSeeds(openFolder(path), source.configuration.seeds));
  const seeds = pendingSeeds(grown).filter((seed) => existsSync(finalPath(source.path, seed)));
  if (seeds.length === 0) return;
  const made = environmentsOfRuns(source.path, seeds);
  for (const seed of seeds) {
    copyWhole(join(source.path, "seeds", String(seed)), join(path, "seeds", String(seed)));
    keepEnvironments(path, seed, made.get(seed)!);
  }
  const log = join(source.path, "log.txt");
  logText(path, existsSync(log) ? readFileSync(log, "utf8") : "");
}

/** Through a hidden folder beside it, which gets its name when it is complete. */
function copyWhole(from: string, to: string): void {
  const draft = join(dirname(to), `.${basename(to)}.tmp`);
  makeFolder(dirname(to));
  onDisk(() => {
    rmSync(draft, { recursive: true, force: true });
    const options = { recursive: true, dereference: true, preserveTimestamps: true };
    cpSync(from, draft, { ...options, filter: (file) => !isTransient(basename(file)) });
    rmSync(to, { recursive: true, force: true });
    renameSync(draft, to);
  });
}
