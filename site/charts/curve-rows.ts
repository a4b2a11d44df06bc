/** @file Learning curves of one configuration from the counts of every epoch. */

import type { Interval } from "../../record/interval.ts";
import type { HeadMetrics } from "../../record/metrics-schema.ts";
import { normalizedAccuracy } from "../../record/normalized-accuracy.ts";
import type { Protocol } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import { mean } from "../../record/t-interval.ts";
import { epochMeans } from "./epoch-means.ts";
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
  const means = epochMeans(runs);
  if (means === null) return null;
  return {
    arch,
    regs,
    length,
    ...means.counts,
    train: means.over(({ correct, seen }) => correct / seen),
    test: testAccuracy,
    labels: headGroups(heads, headline).map(({ name, kind, at, n }): LabelCurve => ({
      name,
      kind,
      epochs: means.over(({ online, seen }) =>
        mean(at.map((i) => normalizedAccuracy(online[i]! / seen, n))),
      ),
    })),
  };
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
