/** @file Cuts the work on several output folders into tasks for workers. */

import { type OutputFolder, pendingSeeds } from "./output-folder.ts";
import type { Task } from "./pool.ts";

/**
 * One task per folder, so that a worker records its graph once for all seeds. Folders that would
 * leave jobs idle at the end are cut by seeds instead. Seeds are independent, so two workers may
 * share a folder.
 */
export function cutTasks(folders: OutputFolder[], jobs: number): Task[] {
  const open = folders.filter((folder) => pendingSeeds(folder).length > 0);
  const whole = open.length - foldersToCut(open.length, jobs);
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

/** Those of the last, incomplete round; after several complete rounds, which drift apart, one. */
function foldersToCut(folders: number, jobs: number): number {
  if (jobs === 1) return 0;
  return folders % jobs || (folders >= 2 * jobs ? 1 : 0);
}

/** Neighbours stay together; parts differ by one in length at most, and none is empty. */
function split(seeds: number[], parts: number): number[][] {
  const count = Math.min(parts, seeds.length);
  return Array.from({ length: count }, (_, i) =>
    seeds.slice(
      Math.floor((i * seeds.length) / count),
      Math.floor(((i + 1) * seeds.length) / count),
    ),
  );
}
