/** @file A finished output folder of a published protocol, as training leaves it, without training. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { canonicalConfiguration } from "../../record/configuration.ts";
import type { Run } from "../../record/run.ts";
import {
  type OutputFolder,
  finalPath,
  finishFolder,
  prepareFolder,
} from "../../harness/study/run-folder.ts";
import { writeJsonAtomic } from "../../harness/files.ts";
import { ENVIRONMENT } from "../study/factories.ts";
import { aWholeRun, micro } from "../record/statement/factories.ts";

export function aTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rademark-submit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
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
    ablations: { headInput: "rms", headLayers: 1, perClass: false },
  });
  const plannedRun = { configuration, protocol: micro, choosesThreads: true };
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
