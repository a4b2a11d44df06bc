/** @file Learning curves from the counts of every epoch. */

import { normalizedAccuracy } from "../../record/head-metrics.ts";
import type { HeadMetrics } from "../../record/metrics-schema.ts";
import type { Run } from "../../record/run.ts";
import { type Interval, mean, tInterval } from "../../record/statistics.ts";
import type { LabelCurve, LearningCurvesRow } from "../../site/charts/learning-lines.ts";
import type { Study } from "./study.ts";

/** Configurations with at least one finished epoch; curves show the last tap. */
export function learningCurvesRows({ configurations, protocol }: Study): LearningCurvesRow[] {
  return configurations.flatMap(({ folder, outcome, runs }) => {
    const shown = comparable(runs);
    if (outcome === null || shown.length === 0) return [];
    const overEpochs = (share: (epoch: Run["epochs"][number]) => number): Interval[] =>
      shown[0]!.epochs.map((_, e) => tInterval(shown.map((run) => share(run.epochs[e]!))));
    return {
      arch: folder.configuration.arch,
      regs: folder.configuration.regs,
      length: protocol.epochs,
      train: overEpochs(({ correct, seen }) => correct / seen),
      test: outcome.summary.testAccuracy,
      labels: headGroups(outcome.runs[0]!.heads, protocol.headline).map(
        ({ name, kind, at, n }): LabelCurve => ({
          name,
          kind,
          epochs: overEpochs(({ online, seen }) =>
            mean(at.map((i) => normalizedAccuracy(online[i]! / seen, n))),
          ),
        }),
      ),
    };
  });
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
function headGroups(heads: readonly HeadMetrics[], headline: number): HeadGroup[] {
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
