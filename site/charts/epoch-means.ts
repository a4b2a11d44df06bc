/** @file Means over the runs of one configuration, epoch by epoch. */

import type { Interval } from "../../record/interval.ts";
import type { Run } from "../../record/run.ts";
import { mean, tInterval } from "../../record/t-interval.ts";

/** How many runs a line could be of. */
export interface RunCounts {
  completed: number;
  diverged: number;
}

export interface EpochMeans {
  counts: RunCounts;
  /** @param share of one epoch of one run. @returns a mean an epoch; with an interval only when no run is left out. */
  over(share: (epoch: Run["epochs"][number]) => number): Interval[];
}

/** Null when no run finished an epoch. */
export function epochMeans(runs: readonly Run[]): EpochMeans | null {
  const shown = comparable(runs);
  const [first] = shown;
  if (first === undefined) return null;
  const completed = runs.filter(isCompleted).length;
  const counts = { completed, diverged: runs.length - completed };
  // An interval over the survivors would say how sure a mean is that they alone have.
  const interval = counts.diverged === 0 ? tInterval : meanAlone;
  return {
    counts,
    over: (share) =>
      first.epochs.map((_, e) => interval(shown.map((run) => share(run.epochs[e]!)))),
  };
}

/** Null when none diverged: then there is nothing to be said. */
export function divergenceNote({ completed, diverged }: RunCounts): string | null {
  const all = completed + diverged;
  if (diverged === 0) return null;
  if (completed === 0) return `none of ${all} runs completed; shown is the one that came furthest`;
  return `${completed} of ${all} completed runs; ${diverged} diverged left out`;
}

const isCompleted = ({ status }: Run): boolean => status === "completed";

/** Completed runs; of a configuration where all diverged, the one that came furthest. */
function comparable(runs: readonly Run[]): Run[] {
  const completed = runs.filter(isCompleted);
  if (completed.length > 0) return completed;
  const furthest = runs.toSorted((a, b) => b.epochs.length - a.epochs.length).slice(0, 1);
  return furthest.filter(({ epochs }) => epochs.length > 0);
}

function meanAlone(values: readonly number[]): Interval {
  return { mean: mean(values), low: null, high: null, count: values.length };
}
