/** @file Run folders, as training leaves them, written without training. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  type Configuration,
  NO_ABLATIONS,
  canonicalConfiguration,
} from "../../record/configuration.ts";
import { NO_CUSTOM_CODE } from "../../record/custom-code.ts";
import { protocolId } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import { writeJsonAtomic } from "../../harness/files.ts";
import { NO_SOURCES } from "../../harness/custom-sources.ts";
import type { Environment } from "../../harness/study/environment.ts";
import {
  type OutputFolder,
  finalPath,
  finishFolder,
  prepareFolder,
} from "../../harness/study/run-folder.ts";
import { aWholeRun, micro } from "./runs.ts";

/** A folder that is gone when the test is over. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rademark-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function aConfiguration(changes: Partial<Configuration> = {}): Configuration {
  return {
    protocol: micro.name,
    protocolId: protocolId(micro),
    arch: "mlp-256",
    regs: "none",
    seeds: [1, 2, 3, 4, 5],
    threads: 2,
    engine: "cpu",
    limit: null,
    save: [],
    measures: false,
    ablations: NO_ABLATIONS,
    ...NO_CUSTOM_CODE,
    ...changes,
  };
}

export const ENVIRONMENT: Environment = {
  at: "2026-11-23T23:46:00.000Z",
  harness: "0.2.0",
  git: { commit: "0123456789abcdef0123456789abcdef01234567", dirty: false },
  node: "v24.11.0",
  tensorflow: "2.18.0",
  numerics: { deterministic: true, precision: "float32" },
  os: "linux-x64 6.1",
  cpu: "Some Processor @ 2.4 GHz",
  cores: 2,
  memoryBytes: 8 * 2 ** 30,
  gpus: [],
};

/** Writes what the sweep and its workers would have written for these runs. */
export function writeRunFolder(
  folder: string,
  runs: readonly Run[],
  changes: Partial<Configuration> = {},
): string {
  const seeds = runs.length > 0 ? runs.map(({ seed }) => seed) : [1, 2];
  const { arch = "mlp-256", regs = "none" } = runs[0] ?? {};
  mkdirSync(folder, { recursive: true });
  writeJson(join(folder, "protocol.json"), micro);
  writeJson(join(folder, "env.json"), ENVIRONMENT);
  writeJson(join(folder, "config.json"), aConfiguration({ arch, regs, seeds, ...changes }));
  for (const run of runs) {
    mkdirSync(join(folder, "seeds", String(run.seed)), { recursive: true });
    writeJson(join(folder, "seeds", String(run.seed), "final.json"), run);
  }
  return folder;
}

/** A sweep with one folder for each list of runs. */
export function writeSweepFolder(folder: string, groups: readonly (readonly Run[])[]): string {
  const folders = groups.map(([first]) => `${first!.arch}+${first!.regs}`);
  groups.forEach((runs, i) => writeRunFolder(join(folder, folders[i]!), runs));
  writeJson(join(folder, "sweep.json"), { jobs: 1, folders });
  return folder;
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, null, 2));
}

interface Choices {
  arch?: string;
  seeds?: readonly number[];
  /** Changes to the run of a seed. */
  change?: (run: Run) => Run;
}

/** mlp-512 on micro-1, its panel seeds unless others are asked for. */
export async function aTrainedFolder(path: string, choices: Choices = {}): Promise<OutputFolder> {
  const folder = aPreparedFolder(path, choices);
  for (const seed of folder.configuration.seeds) trainSeed(folder, seed, choices.change);
  await finishFolder(folder);
  return folder;
}

export function aPreparedFolder(path: string, { arch = "mlp-512", seeds }: Choices = {}) {
  const configuration = canonicalConfiguration(micro, {
    arch,
    regs: "none",
    seeds: [...(seeds ?? micro.panelSeeds)],
    threads: 1,
    engine: "cpu",
    limit: null,
    save: [],
    ablations: NO_ABLATIONS,
  });
  const plannedRun = {
    configuration,
    protocol: micro,
    sources: NO_SOURCES,
    data: null,
    choosesThreads: true,
  };
  return prepareFolder(path, plannedRun, ENVIRONMENT);
}

export function trainSeed(
  { path, configuration }: OutputFolder,
  seed: number,
  change: (run: Run) => Run = (run) => run,
): void {
  mkdirSync(join(path, "seeds", String(seed)), { recursive: true });
  const { arch, regs } = configuration;
  writeJsonAtomic(finalPath(path, seed), change(aWholeRun({ seed, arch, regs })));
}
