/** @file A configuration read from its output folder: its runs, what is missing, and what looks wrong. */

import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalConfiguration } from "../../record/configuration.ts";
import {
  type Conditions,
  type Difference,
  differences,
} from "../../record/statement/conditions.ts";
import { differenceText } from "../../record/statement/difference-words.ts";
import { type Outcome, outcome } from "../../record/summary.ts";
import { type Protocol, protocolId } from "../../record/protocols.ts";
import { RecordError } from "../../record/problem.ts";
import type { Run } from "../../record/run.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { readJson } from "../files.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import {
  type RunEnvironments,
  commonGit,
  distinctEnvironments,
  environmentPath,
  environmentsOfRuns,
  unlikeRuns,
} from "./run-environments.ts";
import { summarizedData } from "../data/local/data-note.ts";
import { writerOf } from "../train/run-lock.ts";
import { MANIFEST_FILE } from "./manifest.ts";
import { type OutputFolder, readRun, unsubmittableReasons } from "./run-folder.ts";
import { openFolders } from "./sweep-folder.ts";
import { binomialLimits } from "../../record/statistics/t-interval.ts";

export interface Trained {
  folder: OutputFolder;
  /** By the seed of each finished run. */
  made: ReadonlyMap<number, RunEnvironments>;
  /** Those of the finished runs, each once; before there are any, that of the folder. */
  environments: RunEnvironments;
  /** The finished runs, in the order of the configuration's seeds. */
  runs: Run[];
  /** Recomputed from the counts; null before the first run is finished. */
  outcome: Outcome | null;
  /** Seeds still to be trained, with their finished epochs. */
  pending: { seed: number; epochs: number }[];
  /** Why the result cannot be submitted; empty when it can. */
  unsubmittable: string[];
  /** What a reader must know before believing the numbers. */
  notices: string[];
}

/**
 * Reads everything and recomputes every number; no derived number is taken from a file.
 *
 * @throws UserError naming a damaged or edited file and the rule that it breaks.
 */
export function readTrained(folder: OutputFolder): Trained {
  const writer = writerOf(folder.path);
  if (writer === null) return readAll(folder, []);
  try {
    return readAll(folder, [
      `${writer} is writing into this folder: these are its numbers at this moment.`,
    ]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${error.message}\n${writer} is writing into ${folder.path}: try again when it is done.`,
      error.exitCode,
      { cause: error },
    );
  }
}

function readAll(folder: OutputFolder, notices: readonly string[]): Trained {
  const { path, configuration, protocol } = folder;
  checkConfiguration(folder);
  const finals = configuration.seeds.flatMap((seed) => [
    `seeds/${seed}/final.json`,
    environmentPath(seed),
  ]);
  checkDigests(path, ["config.json", "protocol.json", ...finals]);
  const bySeed = configuration.seeds.map((seed) => ({ seed, run: readRun(folder, seed) }));
  const runs = bySeed.flatMap(({ run }) => run ?? []);
  const [first, ...others] = runs;
  const reasons = unsubmittableReasons(folder);
  const made = environmentsOfRuns(
    path,
    runs.map(({ seed }) => seed),
  );
  const recomputed = first === undefined ? null : outcome([first, ...others], protocol);
  return {
    folder,
    made,
    environments: environmentsOf(path, made),
    runs,
    outcome: recomputed,
    pending: bySeed
      .filter(({ run }) => run === null)
      .map(({ seed }) => ({ seed, epochs: finishedEpochs(path, seed) })),
    unsubmittable: reasons,
    notices: [
      ...notices,
      ...unlikeRuns(made).map((unlike) => `not all runs were made alike: ${unlike}.`),
      ...runs.flatMap(chanceProblems),
      ...summaryNotices(
        path,
        recomputed && { ...recomputed, unsubmittable: reasons, ...summarizedData(folder) },
      ),
    ].map((notice) => `${basename(path)}: ${notice}`),
  };
}

/** What decided this folder's numbers, besides architecture and regularizers. */
export function conditionsOf({
  folder: { configuration, protocol },
  environments,
  outcome,
}: Pick<Trained, "folder" | "environments" | "outcome">): Conditions {
  const { engine: device, limit, ablations, threads } = configuration;
  const cards = ({ gpus }: Environment) => gpus.map(({ name }) => name).join(", ");
  const said = (say: (environment: Environment) => string | null) => {
    const values = [...new Set(environments.map(say))].filter(Boolean);
    return values.length === 0 ? null : values.join(" and ");
  };
  const exactness = new Set(environments.map(({ numerics }) => numerics?.deterministic ?? null));
  return {
    ...{ protocol, limit, ablations, device, threads },
    trainSamples: outcome?.runs[0]?.counts.trainSamples ?? null,
    testSamples: outcome?.runs[0]?.counts.testSamples ?? null,
    seeds: outcome?.runs.map(({ seed }) => seed) ?? [],
    precision: said(({ numerics }) => numerics && numerics.precision),
    deterministic: exactness.size === 1 ? [...exactness][0]! : null,
    library: said(({ tensorflow }) => tensorflow && `tensorflow ${tensorflow}`),
    processor: said(device === "cuda" ? cards : ({ cpu }) => cpu),
    harness:
      environments.length === 0
        ? null
        : { version: said(({ harness }) => harness)!, git: commonGit(environments) },
  };
}

/** Environments of these runs, each once; without any run, that of the folder. */
export function environmentsOf(
  path: string,
  made: ReadonlyMap<number, RunEnvironments>,
): RunEnvironments {
  if (made.size > 0) return distinctEnvironments(made.values());
  const began = readEnvironment(path);
  return began === null ? [] : [began];
}

function checkConfiguration({ path, configuration, protocol }: OutputFolder): void {
  const file = join(path, "config.json");
  if (configuration.protocolId !== protocolId(protocol))
    throw new UserError(
      `${file}: protocolId is not the id of the protocol.json beside it. One of them was edited.`,
      EXIT.verification,
    );
  try {
    canonicalConfiguration(protocol, configuration);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new UserError(`${file} is damaged: ${error.message}`, EXIT.verification, {
      cause: error,
    });
  }
}

/** Lines of metrics.jsonl: one an epoch. */
function finishedEpochs(path: string, seed: number): number {
  const file = join(path, "seeds", String(seed), "metrics.jsonl");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

/** summary.json is for people and scripts; here it is only compared. */
function summaryNotices(path: string, expected: object | null): string[] {
  const written = readJson(join(path, "summary.json"));
  if (written === null || expected === null) return [];
  const difference = firstDifference(expected, written);
  if (difference === null) return [];
  return [
    `summary.json disagrees with the counts at ${difference}. The numbers shown are computed from the counts.`,
  ];
}

const Manifest = z.object({ files: z.array(z.object({ path: z.string(), sha256: z.string() })) });

/**
 * Compares files with manifest.json; a folder without one is not finished, and is not checked.
 *
 * @param paths relative to the folder, with `/`; those that do not exist are skipped.
 * @throws UserError naming the first file whose bytes have changed.
 */
function checkDigests(folder: string, paths: readonly string[]): void {
  const document = readJson(join(folder, MANIFEST_FILE));
  if (document === null) return;
  const parsed = Manifest.safeParse(document);
  if (!parsed.success)
    throw new UserError(
      `${join(folder, MANIFEST_FILE)} is damaged: no list of files.`,
      EXIT.verification,
    );
  const digests = new Map(parsed.data.files.map(({ path, sha256 }) => [path, sha256]));
  for (const path of paths) {
    const file = join(folder, path);
    if (!existsSync(file)) continue;
    const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
    if (digest === digests.get(path)) continue;
    throw new UserError(
      `${file} was changed after training finished: its SHA-256 is not the one in ${MANIFEST_FILE}. ` +
        "Restore it, or delete it and continue with `rademark resume`.",
      EXIT.verification,
    );
  }
}

/**
 * Path of the first member in which two JSON values differ, such as `summary.gap.mean`; null for none. A member that the
 * second lacks is no difference: an older version did not write it.
 */
function firstDifference(a: unknown, b: unknown, path = ""): string | null {
  if (a === b) return null;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return path || "(top)";
  const isShorter = Array.isArray(a) && Array.isArray(b) && b.length < a.length;
  for (const key of Object.keys(isShorter ? a : b)) {
    const [left, right] = [
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
    ];
    const found = firstDifference(left, right, path === "" ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

/** Counts of random labels outside the limits of chance (p < 1e-9), one sentence each. */
function chanceProblems({ seed, heads, epochs, trainSamples }: Run): string[] {
  const first = epochs[0];
  return (heads ?? []).flatMap(({ tap, n, draw, unseen }, i) => {
    const place = `seed ${seed}, tap ${tap}, n = ${n}, draw ${draw}`;
    return [
      ...outside(unseen, trainSamples, n, `${place}: labels never seen`),
      ...(first ? outside(first.online[i]!, first.seen, n, `${place}: first epoch`) : []),
    ];
  });
}

function outside(count: number, samples: number, n: number, what: string): string[] {
  const { low, high } = chanceLimits(samples, n);
  if (count >= low && count <= high) return [];
  return [
    `${what} predicted ${count} times of ${samples}; chance allows ${low} to ${high}. A label has leaked, or counts were edited.`,
  ];
}

const known = new Map<string, { low: number; high: number }>();

/** Cached, because a sweep needs the same few again and again. */
export function chanceLimits(samples: number, n: number): { low: number; high: number } {
  const key = `${samples}/${n}`;
  const limits = known.get(key) ?? binomialLimits(samples, 1 / n);
  known.set(key, limits);
  return limits;
}

/** All configurations below the path that a report is made of. */
export interface Study {
  /** The folder's base name. */
  name: string;
  protocol: Protocol;
  protocolId: string;
  configurations: Trained[];
  /** The conditions that decide numbers and differ between configurations, by their index. */
  differing: Difference[];
}

/** @throws UserError for a path that is not an output folder, for damage, and for numbers that cannot be compared. */
export function readStudy(path: string): Study {
  const configurations = openFolders(path).map(readTrained);
  const [first] = configurations;
  if (!first) throw new UserError(`${path} holds no configuration.`);
  const { protocol, configuration } = first.folder;
  const names = configurations.map(({ folder }) => basename(folder.path));
  const differing = differences(configurations.map(conditionsOf));
  requireOneProtocol(differing, names, `${path} holds`, EXIT.verification);
  const { protocolId } = configuration;
  return { name: basename(resolve(path)), protocol, protocolId, configurations, differing };
}

/** Epochs of each run, the same for all. */
export function epochsOf({ protocol, configurations }: Study): number {
  return Math.min(protocol.epochs, configurations[0]?.folder.configuration.limit ?? Infinity);
}

/**
 * @param what such as `runs/grid holds`.
 * @throws UserError naming every difference that makes numbers incomparable.
 */
export function requireOneProtocol(
  differing: readonly Difference[],
  names: readonly string[],
  what: string,
  exitCode: ExitCode = EXIT.usage,
): void {
  const refused = differing.filter(({ weight }) => weight === "refused");
  if (refused.length === 0) return;
  throw new UserError(
    [
      `${what} numbers that cannot be compared: they follow another protocol, or depart from it otherwise.`,
      ...refused.map((difference) => `  ${differenceText(difference, names)}`),
      "Look at each alone, or train all of them alike.",
    ].join("\n"),
    exitCode,
  );
}
