/** @file Output folders with made-up runs, for tests only. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Configuration, NO_ABLATIONS } from "../../record/configuration.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import type { Environment } from "../../harness/study/environment.ts";
import { aDivergedRun, aRun } from "../record/factories.ts";

export const MICRO = findProtocol("micro-1");
const SAMPLES = 2500;

/** A folder that is gone when the test is over. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rademark-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function aConfiguration(changes: Partial<Configuration> = {}): Configuration {
  return {
    protocol: MICRO.name,
    protocolId: protocolId(MICRO),
    arch: "mlp-256",
    regs: "none",
    seeds: [1, 2, 3, 4, 5],
    threads: 2,
    engine: "cpu",
    limit: null,
    save: [],
    ablations: NO_ABLATIONS,
    ...changes,
  };
}

export const ENVIRONMENT: Environment = {
  at: "2026-11-23T23:46:00.000Z",
  harness: "0.1.0",
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

/** A run over all epochs; `skill` in (0, 1) says how much of the random labels is learned. */
export function aLearnedRun(arch: string, regs: string, seed: number, skill: number): Run {
  const base = aRun({ arch, regs, seed });
  const wobble = 1 + 0.03 * Math.sin(seed * 7.3 + arch.length + 2 * regs.length);
  const learned = (n: number, share: number) =>
    Math.round(SAMPLES * Math.min(1, 1 / n + (1 - 1 / n) * share * wobble));
  const epochs = Array.from({ length: MICRO.epochs }, (_, e) => {
    const progress = e / (MICRO.epochs - 1);
    return {
      ...base.epochs[0]!,
      correct: Math.round(SAMPLES * (0.3 + 0.6 * progress ** 0.7 * wobble)),
      online: base.heads!.map(({ n, tap }) => learned(n, (skill * progress * tap) / 3)),
    };
  });
  const heads = base.heads!.map((head) => ({
    ...head,
    final: head.regularized
      ? Math.round(SAMPLES / head.n)
      : learned(head.n, (skill * head.tap) / 3),
  }));
  const byTap = (share: number) => (place: { tap: number; n: number }) => ({
    ...place,
    correct: learned(place.n, share * (0.6 + place.tap / 10)),
  });
  return {
    ...base,
    epochs,
    heads,
    final: {
      ...base.final!,
      trainCorrect: Math.round(SAMPLES * Math.min(1, (0.7 + 0.3 * skill) * wobble)),
      trainCleanCorrect: Math.round(SAMPLES * Math.min(1, (0.7 + 0.3 * skill) * wobble)),
      testCorrect: Math.round(4400 * wobble),
    },
    controls: {
      ...base.controls!,
      refit: base.controls!.refit.map(byTap(skill)),
      frozen: base.controls!.frozen.map(byTap(0.5)),
    },
  };
}

export { aDivergedRun };

/** Writes what the sweep and its workers would have written for these runs. */
export function writeRunFolder(
  folder: string,
  runs: readonly Run[],
  changes: Partial<Configuration> = {},
): string {
  const seeds = runs.length > 0 ? runs.map(({ seed }) => seed) : [1, 2];
  const { arch = "mlp-256", regs = "none" } = runs[0] ?? {};
  mkdirSync(folder, { recursive: true });
  writeJson(join(folder, "protocol.json"), MICRO);
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

/** Two architectures, each with four regularizers. */
export function aGrid(seeds: number): Run[][] {
  const skills = { none: 0.95, "dropout=0.5": 0.7, aug: 0.5, "rl=10": 0.25 };
  return ["mlp-256", "cnn-8"].flatMap((arch) =>
    Object.entries(skills).map(([regs, skill]) =>
      Array.from({ length: seeds }, (_, i) =>
        aLearnedRun(arch, regs, i + 1, arch === "cnn-8" ? skill * 0.6 : skill),
      ),
    ),
  );
}
