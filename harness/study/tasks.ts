/** @file What training workers do: some seeds of one output folder, in one go. */

import { type OutputFolder, pendingSeeds } from "./run-folder.ts";

/** Some seeds of one output folder, which one worker trains in one go. */
export interface Task {
  folder: string;
  arch: string;
  regs: string;
  seeds: number[];
  /** TensorFlow's threads. */
  threads: number;
}

/**
 * One task for each folder, so that a worker records its graph once for all seeds. Folders that would
 * leave jobs idle at the end are split by seeds instead. Seeds are independent, so two workers may
 * share a folder.
 */
export function cutTasks(folders: OutputFolder[], jobs: number): Task[] {
  const open = folders.filter((folder) => pendingSeeds(folder).length > 0);
  const whole = open.length - foldersToCut(open, jobs);
  return open.flatMap((folder, i) => {
    const { arch, regs, threads } = folder.configuration;
    const parts = i < whole ? 1 : jobs;
    return split(pendingSeeds(folder), parts).map((seeds) => ({
      folder: folder.path,
      arch,
      regs,
      seeds,
      threads,
    }));
  });
}

/**
 * The last of them: after several complete rounds those of an incomplete one, at least one, because the workers drift
 * apart. Of fewer, all, unless they make one round of equal parts: the last one to begin would leave the other jobs idle,
 * in every wave of challenges anew.
 */
function foldersToCut(folders: readonly OutputFolder[], jobs: number): number {
  const count = folders.length;
  if (jobs === 1) return 0;
  if (count >= 2 * jobs) return count % jobs || 1;
  const architectures = new Set(folders.map(({ configuration }) => configuration.arch));
  return count === jobs && architectures.size === 1 ? 0 : count;
}

/** Splits into consecutive parts whose lengths differ by at most one; none is empty. */
function split(seeds: number[], parts: number): number[][] {
  const count = Math.min(parts, seeds.length);
  return Array.from({ length: count }, (_, i) =>
    seeds.slice(
      Math.floor((i * seeds.length) / count),
      Math.floor(((i + 1) * seeds.length) / count),
    ),
  );
}
