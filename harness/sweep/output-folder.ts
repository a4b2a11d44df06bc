/** @file The output folder of one configuration: what is in it, and which of its seeds are still to train. */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { canonicalJson } from "../../record/canonical-json.ts";
import { Configuration } from "../../record/configuration.ts";
import { Protocol } from "../../record/protocols.ts";
import { schemaProblems } from "../../record/problem.ts";
import { visibleLine } from "../../setup/shared/visible.mjs";
import { EXIT, UserError } from "../errors.ts";
import { makeFolder, readJson, writeJsonAtomic } from "../files.ts";
import type { Environment } from "./environment.ts";
import { MANIFEST_FILE, hasManifest } from "./manifest.ts";

/** Of a folder with a challenge: they are there before anybody knows its seeds. */
const FIRST_FILES = ["commitment.json", "challenge.json", "entry.json"];

export interface OutputFolder {
  /** Absolute path. */
  path: string;
  configuration: Configuration;
  protocol: Protocol;
}

/** A configuration in which a person may have left the threads to the machine. */
export interface Wish {
  configuration: Configuration;
  protocol: Protocol;
  /** False: a folder that is there already keeps the threads it began with. */
  choosesThreads: boolean;
}

/**
 * Makes the folder, or goes on with one that holds the same configuration.
 *
 * @throws UserError when it holds another configuration, or something else altogether.
 */
export function prepareFolder(path: string, wish: Wish, environment: Environment): OutputFolder {
  if (existsSync(join(path, "config.json"))) return reopen(path, wish);
  requireOwnPlace(path);
  makeFolder(path);
  const { configuration, protocol } = wish;
  writeJsonAtomic(join(path, "protocol.json"), protocol);
  writeJsonAtomic(join(path, "env.json"), environment);
  // Last: a folder with a config.json has the rest, too.
  writeJsonAtomic(join(path, "config.json"), configuration);
  return { path, configuration, protocol };
}

/**
 * Reads a folder that was prepared earlier.
 *
 * @throws UserError when it is none, or damaged.
 */
export function openFolder(path: string): OutputFolder {
  return {
    path,
    configuration: readDocument(join(path, "config.json"), Configuration),
    protocol: readDocument(join(path, "protocol.json"), Protocol),
  };
}

/** Seeds whose final.json is not there yet, in the configuration's order. */
export function pendingSeeds({ path, configuration }: OutputFolder): number[] {
  return configuration.seeds.filter((seed) => !existsSync(finalPath(path, seed)));
}

/** Path of a seed's result. */
export function finalPath(folder: string, seed: number): string {
  return join(folder, "seeds", String(seed), "final.json");
}

/** True when nothing is left to do: all seeds are final, summarized and digested. */
export function isFinished(folder: OutputFolder): boolean {
  return hasManifest(folder.path) && pendingSeeds(folder).length === 0;
}

/** Takes back the claim to be complete before more is written. */
export function unfinish({ path }: OutputFolder): void {
  rmSync(join(path, MANIFEST_FILE), { force: true });
}

function reopen(path: string, wish: Wish): OutputFolder {
  const folder = openFolder(path);
  const was = folder.configuration;
  const wanted = {
    ...wish.configuration,
    threads: wish.choosesThreads ? wish.configuration.threads : was.threads,
  };
  const differences = differingFields(was, wanted);
  if (differences.length === 0) return folder;
  throw new UserError(
    [
      `${path} holds another configuration:`,
      ...differences.map(([key, old, asked]) => `  ${key}: there ${old}, asked for ${asked}`),
      "Choose another --out, or resume that folder as it is with `rademark resume`.",
    ].join("\n"),
  );
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
 * A folder with something of somebody else's in it is not ours to write to.
 *
 * @throws UserError naming what is there.
 */
export function requireOwnPlace(path: string): void {
  if (!existsSync(path)) return;
  const ours = new Set([...FIRST_FILES, "protocol.json", "env.json", "log.txt"]);
  const foreign = readdirSync(path).filter((name) => !ours.has(name) && !name.startsWith("."));
  if (foreign.length > 0)
    throw new UserError(
      `${path} is not empty (${foreign.slice(0, 3).map(visibleLine).join(", ")}) and not an output folder of a run. Choose another --out.`,
    );
}

function readDocument<T extends z.ZodType>(path: string, schema: T): z.output<T> {
  const document = readJson(path);
  if (document === null) throw new UserError(`${path} is missing: this is not an output folder.`);
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error).map((problem) => `  ${problem}`);
  throw new UserError([`${path} is damaged:`, ...problems].join("\n"), EXIT.verification);
}
