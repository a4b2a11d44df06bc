/** @file An entry over training and by depth, as means of its runs: what small pictures are drawn from. Without a validator, for pages. */

import { depthOf } from "../by-depth.ts";
import { type LearningCurvesRow, learningCurvesRow } from "../learning-curves.ts";
import type { Protocol } from "../protocols.ts";
import type { Interval } from "../statistics/interval.ts";
import { tapTitles } from "../tap-names.ts";
import type { EntryDocument, EntryRuns, EntrySeries } from "./documents.ts";

type Source = { row: Pick<EntryDocument["row"], "arch" | "regs" | "code"> } & Pick<
  EntryDocument,
  "summary"
> &
  EntryRuns;

/** Runs of panel and fresh seeds alike. */
export function entrySeries(
  { row, summary, panel, fresh, metrics }: Source,
  protocol: Pick<Protocol, "epochs" | "headline">,
): EntrySeries {
  const runs = [...panel, ...fresh];
  const heads = metrics[0]?.heads ?? [];
  const { testAccuracy } = summary;
  const curves = learningCurvesRow({ ...row, runs, heads, testAccuracy }, protocol);
  const completed = runs.filter(({ status }) => status === "completed").length;
  return {
    ...{ completed, diverged: runs.length - completed },
    ...{ epochs: protocol.epochs, headline: protocol.headline },
    train: curves?.train.map(share) ?? [],
    testAccuracy: curves && shareOrNull(curves.test),
    heads: curveOf(curves, "headline"),
    frozenHeads: curveOf(curves, "frozen"),
    taps: tapsOf({ row, summary, metrics }, protocol.headline),
  };
}

/** A hundred-thousandth is less than a picture shows, and less than the counts' own steps. */
const share = ({ mean }: Interval) => Math.round(mean * 1e5) / 1e5;
const shareOrNull = (interval: Interval | null | undefined) => (interval ? share(interval) : null);

function curveOf(curves: LearningCurvesRow | null, kind: "headline" | "frozen"): number[] {
  return curves?.labels.find((line) => line.kind === kind)?.epochs.map(share) ?? [];
}

/** None without the controls of every run. */
function tapsOf(
  { row, summary, metrics }: Pick<Source, "row" | "summary" | "metrics">,
  headline: number,
): EntrySeries["taps"] {
  const { controls } = summary;
  if (controls === null) return [];
  const count = Math.max(0, ...controls.refit.map(({ tap }) => tap));
  const taps = tapTitles(row.arch, count, row.code?.customTaps ?? null);
  const depth = depthOf({ summary, controls, runs: metrics }, taps, headline);
  return taps.map((name, i) => ({
    name,
    heads: shareOrNull(depth.heads[i]),
    frozenHeads: shareOrNull(depth.frozenHeads[i]),
    refits: shareOrNull(depth.byTap[i]),
    frozenRefits: shareOrNull(depth.frozen[i]),
  }));
}
