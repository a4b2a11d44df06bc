/** @file Class accuracy and random-label accuracy over the epochs, as means over a configuration's runs. Without a validator, for pages. */

import type { HeadMetrics } from "./metrics-schema.ts";
import { normalizedAccuracy } from "./normalized-accuracy.ts";
import type { Protocol } from "./protocols.ts";
import type { Run } from "./run.ts";
import type { Interval } from "./statistics/interval.ts";
import { mean, tInterval } from "./statistics/t-interval.ts";

/** One line of random labels. */
interface LabelCurve {
  /** Such as `n = 100`. */
  name: string;
  /**
   * `headline`: what the learned complexity is made of. `frozen`: the same heads on the frozen trunk. `suppressed`: the
   * draw that `rl=` acts on.
   */
  kind: "headline" | "frozen" | "suppressed" | "probe";
  /** Online RL-acc rescaled so that 0 is chance and 1 everything; one entry an epoch. */
  epochs: readonly Interval[];
}

export interface LearningCurvesRow extends RunCounts {
  arch: string;
  regs: string;
  /** Epochs that the protocol asks for. */
  length: number;
  /** Online class accuracy on training batches, one entry an epoch. */
  train: readonly Interval[];
  /** After the last epoch. */
  test: Interval | null;
  labels: readonly LabelCurve[];
}

/** Learning curves of one configuration from the counts of every epoch. */
interface CurveSource {
  arch: string;
  regs: string;
  runs: readonly Run[];
  /** Heads of any of the runs: only their places matter. */
  heads: readonly Pick<HeadMetrics, "tap" | "n" | "draw" | "regularized">[];
  testAccuracy: Interval | null;
}

/** Null when no run finished an epoch; the curves show the last tap. */
export function learningCurvesRow(
  { arch, regs, runs, heads, testAccuracy }: CurveSource,
  { epochs: length, headline }: Pick<Protocol, "epochs" | "headline">,
): LearningCurvesRow | null {
  const means = epochMeans(runs);
  if (means === null) return null;
  return {
    arch,
    regs,
    length,
    ...means.counts,
    train: means.over(({ correct, seen }) => correct / seen),
    test: testAccuracy,
    labels: [
      ...headGroups(heads, headline).map(({ name, kind, at, n }): LabelCurve => ({
        name,
        kind,
        epochs: means.over(({ online, seen }) =>
          mean(at.map((i) => normalizedAccuracy(online[i]! / seen, n))),
        ),
      })),
      ...frozenCurve(runs, heads, headline, means),
    ],
  };
}

/** How many runs a line could be of. */
export interface RunCounts {
  completed: number;
  diverged: number;
}

interface EpochMeans {
  counts: RunCounts;
  /** The runs that the means are over. */
  shown: readonly Run[];
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
    ...{ counts, shown },
    over: (share) =>
      first.epochs.map((_, e) => interval(shown.map((run) => share(run.epochs[e]!)))),
  };
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

/** Of the draws that the headline's curve is of; none where the protocol has no heads on the frozen trunk. */
function frozenCurve(
  runs: readonly Run[],
  heads: CurveSource["heads"],
  headline: number,
  means: EpochMeans,
): LabelCurve[] {
  const last = Math.max(...heads.map(({ tap }) => tap));
  const draws = heads.flatMap(({ tap, n, draw, regularized }) =>
    tap === last && n === headline && !regularized ? [draw] : [],
  );
  const isMeasured = runs.every(({ epochs }) =>
    epochs.every(({ frozenOnline }) => draws.every((draw) => draw in frozenOnline)),
  );
  if (draws.length === 0 || !isMeasured) return [];
  return [
    {
      name: "frozen trunk",
      kind: "frozen",
      epochs: means.over(({ frozenOnline, seen }) =>
        mean(draws.map((draw) => normalizedAccuracy(frozenOnline[draw]! / seen, headline))),
      ),
    },
  ];
}

interface HeadGroup {
  name: string;
  kind: LabelCurve["kind"];
  n: number;
  /** Places in the order of heads. */
  at: number[];
}

/** The last tap's heads by label space; a draw that `rl=` suppresses stands alone. */
function headGroups(heads: CurveSource["heads"], headline: number): HeadGroup[] {
  const last = Math.max(...heads.map(({ tap }) => tap));
  const groups = new Map<string, HeadGroup>();
  for (const [i, { tap, n, regularized }] of heads.entries()) {
    if (tap !== last) continue;
    const name = regularized ? "suppressed" : `n = ${n}`;
    const kind = regularized ? "suppressed" : n === headline ? "headline" : "probe";
    const group = groups.get(name) ?? { name, kind, n, at: [] };
    group.at.push(i);
    groups.set(name, group);
  }
  return [...groups.values()];
}
