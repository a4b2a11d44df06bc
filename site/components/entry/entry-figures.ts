/** @file An entry's charts: its ladder, over training, by depth, and head by head. */

import { type DepthRow, depthOf } from "../../../record/by-depth.ts";
import { type LearningCurvesRow, learningCurvesRow } from "../../../record/learning-curves.ts";
import { depthFigure } from "../../charts/complexity-by-depth.ts";
import { gapFigure, gapRow } from "../../charts/gap-over-training.ts";
import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { type HeadCurvesRow, headCurvesFigure, headCurvesRow } from "../../charts/head-curves.ts";
import { learningCurvesFigure } from "../../charts/learning-curves.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import { ladderFigure, ladderRow } from "../../charts/ladder.ts";
import { depthOverTrainingFigure } from "../../charts/depth-over-training.ts";
import { protocolFacts } from "../../data/protocol-facts.ts";
import { tapTitles } from "../../../record/tap-names.ts";

/** What pictures are drawn from. */
type Drawable = Pick<EntryModel, "entry" | "runs">;

/** Null for an entry without a mean to show. */
export function entryLadder({ entry }: EntryModel): VNode | null {
  const facts = protocolFacts(entry.protocol.name);
  if (facts === undefined) return null;
  const { arch, regs } = entry.row;
  const row = ladderRow({ arch, regs, summary: entry.summary }, facts.headline);
  return row && ladderFigure(row);
}

/** Over training and by depth: what belongs near the top. */
export function entryFigures(model: EntryModel): VNode {
  const [curves, depth, heads] = [entryCurves(model), entryDepth(model), headRow(model)];
  if (curves === null && depth === null)
    return h("p", { class: "faint" }, "No run finished, so there is nothing to draw.");
  return h(
    "div",
    { class: "figures" },
    h(
      "div",
      { class: "two" },
      curves === null ? null : learningCurvesFigure([curves]),
      heads === null ? null : depthOverTrainingFigure(heads),
    ),
    depth === null
      ? h(
          "p",
          { class: "faint" },
          "Without the controls of every run there is nothing to draw by depth.",
        )
      : depthFigure([depth]),
    entryGap(model),
  );
}

/** Every head by itself; null without runs, and when none of them finished an epoch. */
export function entryHeads(model: EntryModel): VNode | null {
  const heads = headRow(model);
  return heads && headCurvesFigure(heads);
}

/** Null without runs, and when none of them finished an epoch. */
export function entryCurves({ entry, runs }: Drawable): LearningCurvesRow | null {
  const facts = protocolFacts(entry.protocol.name);
  if (runs === null || facts === undefined) return null;
  const { arch, regs } = entry.row;
  const all = [...runs.panel, ...runs.fresh];
  const heads = runs.metrics[0]?.heads ?? [];
  const { testAccuracy } = entry.summary;
  return learningCurvesRow({ arch, regs, runs: all, heads, testAccuracy }, facts);
}

/** Null where the protocol evaluates at the end only. */
function entryGap({ entry, runs }: EntryModel): VNode | null {
  const facts = protocolFacts(entry.protocol.name);
  if (runs === null || facts === undefined) return null;
  const { arch, regs } = entry.row;
  const row = gapRow({ arch, regs, runs: [...runs.panel, ...runs.fresh] }, facts);
  return row && gapFigure([row]);
}

/** The same of each head at each tap. */
function headRow({ entry, runs }: EntryModel): HeadCurvesRow | null {
  const facts = protocolFacts(entry.protocol.name);
  const heads = runs?.metrics[0]?.heads ?? [];
  if (runs === null || facts === undefined || heads.length === 0) return null;
  const { arch, regs, code } = entry.row;
  const taps = tapTitles(arch, Math.max(...heads.map(({ tap }) => tap)), code?.customTaps ?? null);
  return headCurvesRow({ arch, regs, runs: [...runs.panel, ...runs.fresh], heads, taps }, facts);
}

/** Null when a run has no controls. */
export function entryDepth({ entry, runs }: Drawable): DepthRow | null {
  const facts = protocolFacts(entry.protocol.name);
  const { controls } = entry.summary;
  if (controls === null || facts === undefined) return null;
  const n = facts.headline;
  const { arch, regs, code } = entry.row;
  const count = Math.max(0, ...controls.refit.map(({ tap }) => tap));
  const taps = tapTitles(arch, count, code?.customTaps ?? null);
  const source = { summary: entry.summary, controls, runs: runs?.metrics ?? [] };
  const { counts, ...trained } = depthOf(source, taps, n);
  return { arch, n, taps, trained: [{ regs, ...trained }], counts };
}
