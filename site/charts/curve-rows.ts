/** @file Learning curves of one configuration from the counts of every epoch. */

import type { Interval } from "../../record/interval.ts";
import type { HeadMetrics } from "../../record/metrics-schema.ts";
import { normalizedAccuracy } from "../../record/normalized-accuracy.ts";
import type { Protocol } from "../../record/protocol.ts";
import type { Run } from "../../record/run.ts";
import { mean, tInterval } from "../../record/t-interval.ts";
import type { LabelCurve, LearningCurvesRow } from "./learning-lines.ts";

export interface CurveSource {
  arch: string;
  regs: string;
  runs: readonly Run[];
  /** Of any of the runs: only the places count. */
  heads: readonly Pick<HeadMetrics, "tap" | "n" | "regularized">[];
  testAccuracy: Interval | null;
}

/** Null when no run finished an epoch; the curves show the last tap. */
export function learningCurvesRow(
  { arch, regs, runs, heads, testAccuracy }: CurveSource,
  { epochs: length, headline }: Pick<Protocol, "epochs" | "headline">,
): LearningCurvesRow | null {
  const shown = comparable(runs);
  const [first] = shown;
  if (first === undefined) return null;
  const overEpochs = (share: (epoch: Run["epochs"][number]) => number): Interval[] =>
    first.epochs.map((_, e) => tInterval(shown.map((run) => share(run.epochs[e]!))));
  return {
    arch,
    regs,
    length,
    train: overEpochs(({ correct, seen }) => correct / seen),
    test: testAccuracy,
    labels: headGroups(heads, headline).map(({ name, kind, at, n }): LabelCurve => ({
      name,
      kind,
      epochs: overEpochs(({ online, seen }) =>
        mean(at.map((i) => normalizedAccuracy(online[i]! / seen, n))),
      ),
    })),
  };
}

/** Completed runs; of a configuration where all diverged, the one that came furthest. */
function comparable(runs: readonly Run[]): Run[] {
  const completed = runs.filter(({ status }) => status === "completed");
  if (completed.length > 0) return completed;
  const furthest = runs.toSorted((a, b) => b.epochs.length - a.epochs.length).slice(0, 1);
  return furthest.filter(({ epochs }) => epochs.length > 0);
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
