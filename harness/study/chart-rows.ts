/** @file What the charts draw, from recomputed outcomes. */

import { type DepthRow, depthOf } from "../../record/by-depth.ts";
import { expandRecipe } from "../../record/configuration.ts";
import { type LearningCurvesRow, learningCurvesRow } from "../../record/learning-curves.ts";
import { formatRegularizers, parseRegularizers } from "../../record/regularizers.ts";
import { type LadderRow, ladderRow } from "../../site/charts/ladder.ts";
import { type DoseRow, doseRows } from "../../site/charts/dose-rows.ts";
import { type GapRow, gapRow } from "../../site/charts/gap-over-training.ts";
import { type HeadCurvesRow, headCurvesRow } from "../../site/charts/head-curves.ts";
import { type ComplexityGapRow, shareOfNull } from "../../site/charts/map-points.ts";
import type { ArrowsRow, Position } from "../../site/charts/regularizer-arrows.ts";
import type { Study, Trained } from "./trained.ts";

/** Ladders of the configurations that have a mean. */
export function ladderRows({ configurations, protocol }: Study): LadderRow[] {
  return configurations.flatMap(({ outcome }) => {
    const row = outcome && ladderRow(outcome, protocol.headline);
    return row === null ? [] : [row];
  });
}

/** Name that the page's parts use for the configuration at this place. */
export const anchor = (index: number): string => `configuration-${index + 1}`;

export function complexityGapRows({ configurations }: Study): ComplexityGapRow[] {
  return configurations.map(({ folder, outcome }, i) => ({
    arch: folder.configuration.arch,
    regs: folder.configuration.regs,
    learnedComplexity: outcome?.summary.learnedComplexity ?? null,
    capacity: outcome?.summary.capacity ?? null,
    equivalentWidth: outcome?.summary.equivalentWidth ?? null,
    equivalentWidthBound: outcome?.summary.equivalentWidthBound ?? null,
    nullShare: outcome && shareOfNull(outcome.summary.capacity, outcome.summary.countsNull),
    gap: outcome?.summary.gap ?? null,
    testAccuracy: outcome?.summary.testAccuracy ?? null,
    seeds: outcome === null ? 0 : outcome.summary.runs - outcome.summary.diverged,
    href: `#${anchor(i)}`,
  }));
}

/** Architectures whose unregularized network and one other have a place on the map. */
export function arrowsRows({ configurations }: Study): ArrowsRow[] {
  return Array.from(byArchitecture(configurations)).flatMap(([arch, group]) => {
    const positions = group.flatMap(({ folder, outcome }): Position[] => {
      if (!outcome?.summary.learnedComplexity || !outcome.summary.gap) return [];
      const { learnedComplexity, gap, testAccuracy } = outcome.summary;
      return [{ regs: folder.configuration.regs, learnedComplexity, gap, testAccuracy }];
    });
    const none = positions.find(({ regs }) => regs === "none");
    const others = positions.filter(({ regs }) => regs !== "none");
    return none && others.length > 0 ? [{ arch, none, others }] : [];
  });
}

/** Heads and refits at the headline n; an architecture without any complete configuration is left out. */
export function depthRows({ configurations, protocol }: Study): DepthRow[] {
  const n = protocol.headline;
  return Array.from(byArchitecture(configurations)).flatMap(([arch, group]) => {
    const measured = group.flatMap(({ outcome }) => {
      const controls = outcome?.summary.controls;
      if (!controls) return [];
      const { regs, taps, runs, summary } = outcome;
      return [{ regs, taps, ...depthOf({ summary, controls, runs }, taps, n) }];
    });
    const [first] = measured;
    if (!first) return [];
    // The same for all of them: the null of counts knows the width alone.
    const { taps, counts } = first;
    return { arch, n, taps, trained: measured, counts };
  });
}

/** Regularizers of which one architecture has two strengths. */
export function dosesRows({ configurations, protocol }: Study): DoseRow[] {
  return doseRows(
    configurations.flatMap(({ folder, outcome }) => {
      const { arch, regs } = folder.configuration;
      if (outcome === null) return [];
      const parts = formatRegularizers(expandRecipe(parseRegularizers(regs), protocol));
      return [{ arch, regs, parts, ...outcome.summary }];
    }),
  );
}

/** Configurations whose protocol evaluates while training goes on. */
export function gapRows({ configurations, protocol }: Study): GapRow[] {
  return configurations.flatMap(({ folder, runs }) => {
    const { arch, regs } = folder.configuration;
    const row = gapRow({ arch, regs, runs }, protocol);
    return row === null ? [] : [row];
  });
}

/** Every head of one configuration; null while no run has finished an epoch. */
export function headsRow({ folder, outcome, runs }: Trained): HeadCurvesRow | null {
  const { protocol, configuration } = folder;
  const { arch, regs } = configuration;
  if (outcome === null) return null;
  const { taps } = outcome;
  return headCurvesRow({ arch, regs, runs, heads: outcome.runs[0]!.heads, taps }, protocol);
}

function byArchitecture(configurations: readonly Trained[]): Map<string, Trained[]> {
  return Map.groupBy(configurations, ({ folder }) => folder.configuration.arch);
}

/** Configurations with at least one finished epoch; curves show the last tap. */
export function learningCurvesRows({ configurations, protocol }: Study): LearningCurvesRow[] {
  return configurations.flatMap(({ folder, outcome, runs }) => {
    if (outcome === null) return [];
    const { arch, regs } = folder.configuration;
    const { testAccuracy } = outcome.summary;
    const row = learningCurvesRow(
      { arch, regs, runs, heads: outcome.runs[0]!.heads, testAccuracy },
      protocol,
    );
    return row === null ? [] : [row];
  });
}
