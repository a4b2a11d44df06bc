/** @file The command line with the scripted worker in place of training, for tests of what stands around it. */

import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Effects } from "../../harness/effects.ts";
import { DATASETS, splitBytes } from "../../harness/data/datasets.ts";
import { rademark } from "../cli/effects.ts";

export interface Workbench {
  /** The current folder of its commands. */
  cwd: string;
  /** Settles when the command has ended; `interrupt` is a Ctrl-C. */
  run: (args: string[], changes?: Partial<Effects>) => ReturnType<typeof rademark>;
  interrupt: () => void;
}

/** A folder in which CIFAR-10 seems to be cached and workers do what the script says. */
export function aWorkbench(script: object = {}): Workbench {
  const cwd = mkdtempSync(join(tmpdir(), "rademark-scripted-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  pretendCifar(join(cwd, "cache", "datasets", "cifar10"));
  for (const place of ["runs", "runs/grid"]) {
    mkdirSync(join(cwd, place), { recursive: true });
    writeFileSync(join(cwd, place, ".script.json"), JSON.stringify(script));
  }
  const listeners = new Set<() => void>();
  return {
    cwd,
    interrupt: () => listeners.forEach((listener) => listener()),
    run: (args, changes = {}) =>
      rademark(args, {
        cwd,
        env: { RADEMARK_CACHE: join(cwd, "cache") },
        worker: fileURLToPath(new URL("scripted-worker.ts", import.meta.url)),
        onInterrupt(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        ...changes,
      }),
  };
}

/** Files of the right size, full of holes: before training, the parent looks at names and sizes only. */
export function pretendCifar(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const split of ["train", "test"] as const) {
    writeFileSync(join(folder, `${split}.bin`), "");
    truncateSync(join(folder, `${split}.bin`), splitBytes(DATASETS.cifar10, split));
  }
  const note = { ...DATASETS.cifar10.digests, source: "a test" };
  writeFileSync(join(folder, "digest.json"), JSON.stringify(note));
}
