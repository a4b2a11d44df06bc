/** @file What the charts of one entry draw. */

import type { Estimate } from "../../../record/summary.ts";
import { learningCurvesRow } from "../../charts/curve-rows.ts";
import type { DepthRow } from "../../charts/depth-lines.ts";
import { type HeadCurvesRow, headCurvesRow } from "../../charts/head-rows.ts";
import type { LearningCurvesRow } from "../../charts/learning-lines.ts";
import { rescaledInterval } from "../../charts/rescaled-interval.ts";
import { protocolFacts } from "../protocol-facts.ts";
import type { EntryModel } from "./entry-model.ts";
import { tapTitles } from "./tap-titles.ts";

/** Null without runs, and when none of them finished an epoch. */
export function entryCurves({ entry, runs }: EntryModel): LearningCurvesRow | null {
  const facts = protocolFacts(entry.protocol.name);
  if (runs === null || facts === undefined) return null;
  const { arch, regs } = entry.row;
  const all = [...runs.panel, ...runs.fresh];
  const heads = runs.metrics[0]?.heads ?? [];
  const { testAccuracy } = entry.summary;
  return learningCurvesRow({ arch, regs, runs: all, heads, testAccuracy }, facts);
}

/** The same of each head at each tap. */
export function entryHeads({ entry, runs }: EntryModel): HeadCurvesRow | null {
  const facts = protocolFacts(entry.protocol.name);
  const heads = runs?.metrics[0]?.heads ?? [];
  if (runs === null || facts === undefined || heads.length === 0) return null;
  const { arch, regs } = entry.row;
  const taps = tapTitles(arch, Math.max(...heads.map(({ tap }) => tap)));
  return headCurvesRow({ arch, regs, runs: [...runs.panel, ...runs.fresh], heads, taps }, facts);
}

/** Null when a run has no controls. */
export function entryDepth({ entry }: EntryModel): DepthRow | null {
  const facts = protocolFacts(entry.protocol.name);
  const { controls } = entry.summary;
  if (controls === null || facts === undefined) return null;
  const n = facts.headline;
  const { arch, regs } = entry.row;
  const count = Math.max(0, ...controls.refit.map(({ tap }) => tap));
  const taps = tapTitles(arch, count);
  const byTap = (values: readonly { tap: number; n: number; accuracy: Estimate }[]) =>
    taps.map((_, i) => {
      const found = values.find((each) => each.tap === i + 1 && each.n === n);
      return rescaledInterval(found?.accuracy ?? null, n);
    });
  return {
    arch,
    n,
    taps,
    refits: [{ regs, byTap: byTap(controls.refit) }],
    frozen: byTap(controls.frozen),
    null: byTap(controls.null),
  };
}
