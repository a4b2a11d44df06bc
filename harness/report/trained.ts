/** @file One configuration as it lies in its output folder: its runs, what is missing, what is odd. */

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { canonicalConfiguration, unsubmittable } from "../../record/configuration.ts";
import type { Conditions } from "../../record/conditions.ts";
import { type Outcome, outcome } from "../../record/summary.ts";
import { protocolId } from "../../record/protocols.ts";
import { RecordError } from "../../record/problem.ts";
import type { Run } from "../../record/run.ts";
import { EXIT, UserError } from "../errors.ts";
import { readJson } from "../files.ts";
import type { Environment } from "../sweep/environment.ts";
import { writerOf } from "../sweep/lock.ts";
import type { OutputFolder } from "../sweep/output-folder.ts";
import { readEnvironment } from "./environment.ts";
import { checkDigests, firstDifference } from "./integrity.ts";
import { chanceProblems } from "./negative-control.ts";
import { readRun } from "./run-file.ts";

export interface Trained {
  folder: OutputFolder;
  environment: Environment | null;
  /** Finished, in the order of the configuration's seeds. */
  runs: Run[];
  /** Recomputed from the counts; null before the first run is finished. */
  outcome: Outcome | null;
  /** Seeds still to train, with the epochs that they have. */
  pending: { seed: number; epochs: number }[];
  /** Why the result cannot be submitted; empty when it can. */
  unsubmittable: string[];
  /** What a reader has to know before believing the numbers. */
  notices: string[];
}

/**
 * Reads everything and recomputes every number; nothing that is derived is taken over from a file.
 *
 * @throws UserError naming a damaged or edited file and the rule that it breaks.
 */
export function readTrained(folder: OutputFolder): Trained {
  const writer = writerOf(folder.path);
  if (writer === null) return readAll(folder, []);
  try {
    return readAll(folder, [
      `${writer} is writing into this folder: these are the numbers of this moment.`,
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
  const finals = configuration.seeds.map((seed) => `seeds/${seed}/final.json`);
  checkDigests(path, ["config.json", "protocol.json", ...finals]);
  const bySeed = configuration.seeds.map((seed) => ({ seed, run: readRun(folder, seed) }));
  const runs = bySeed.flatMap(({ run }) => run ?? []);
  const [first, ...others] = runs;
  const reasons = unsubmittable(configuration);
  const recomputed = first === undefined ? null : outcome([first, ...others], protocol);
  return {
    folder,
    environment: readEnvironment(path),
    runs,
    outcome: recomputed,
    pending: bySeed
      .filter(({ run }) => run === null)
      .map(({ seed }) => ({ seed, epochs: finishedEpochs(path, seed) })),
    unsubmittable: reasons,
    notices: [
      ...notices,
      ...runs.flatMap(chanceProblems),
      ...summaryNotices(path, recomputed && { ...recomputed, unsubmittable: reasons }),
    ].map((notice) => `${basename(path)}: ${notice}`),
  };
}

/** What decided this folder's numbers, besides architecture and regularizers. */
export function conditionsOf({
  folder: { configuration, protocol },
  environment,
  outcome,
}: Pick<Trained, "folder" | "environment" | "outcome">): Conditions {
  const { engine: device, limit, ablations, threads } = configuration;
  const { tensorflow = null, numerics = null, cpu, gpus = [] } = environment ?? {};
  return {
    ...{ protocol, limit, ablations, device, threads },
    trainSamples: outcome?.runs[0]?.counts.trainSamples ?? null,
    testSamples: outcome?.runs[0]?.counts.testSamples ?? null,
    seeds: outcome?.runs.map(({ seed }) => seed) ?? [],
    precision: numerics && numerics.precision,
    deterministic: numerics && numerics.deterministic,
    library: tensorflow && `tensorflow ${tensorflow}`,
    processor: (device === "cuda" ? gpus.map(({ name }) => name).join(", ") : cpu) || null,
    harness: environment && { version: environment.harness, git: environment.git },
  };
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

/** summary.json is there for people and scripts; here it is only compared. */
function summaryNotices(path: string, expected: object | null): string[] {
  const written = readJson(join(path, "summary.json"));
  if (written === null || expected === null) return [];
  const difference = firstDifference(expected, written);
  if (difference === null) return [];
  return [
    `summary.json disagrees with the counts at ${difference}. This report was computed from the counts.`,
  ];
}
