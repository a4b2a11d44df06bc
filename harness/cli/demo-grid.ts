/** @file The demo grid: small enough for a coffee, large enough to show what a board is for. */

import { availableParallelism, totalmem } from "node:os";
import { parseSeeds } from "./seeds.ts";
import type { Effects } from "./effects.ts";
import type { Wish } from "../sweep/output-folder.ts";
import { planGrid } from "./plan.ts";

const ARCHITECTURES = ["mlp-256", "cnn-8"];
const REGULARIZERS = ["none", "dropout=0.5", "aug", "rl=10"];
/** A worker with CIFAR-10 in its session, generously. */
const BYTES_PER_JOB = 1.5 * 2 ** 30;

/** On the panel; a challenge adds the fresh seeds. */
export function demoGrid(effects: Pick<Effects, "cwd">): Wish[] {
  return planGrid(ARCHITECTURES, REGULARIZERS, settings(), effects);
}

/** One thread each: small networks gain nothing from a second one, and the result is the same anywhere. */
function settings() {
  return {
    protocol: "micro-1",
    set: [],
    seeds: parseSeeds("panel"),
    limit: null,
    threads: 1,
    jobs: 2,
    save: [],
    headInput: "rms",
    headLayers: 1,
    perClass: false,
  } as const satisfies Parameters<typeof planGrid>[2];
}

export function demoJobs(configurations: number): number {
  const room = Math.floor(totalmem() / BYTES_PER_JOB);
  return Math.max(1, Math.min(availableParallelism(), room, configurations));
}
