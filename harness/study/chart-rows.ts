/** @file What the charts draw, from recomputed outcomes. */

import { type LadderRow, ladderRow } from "../../site/charts/ladder.ts";
import { type DepthRow, depthOf } from "../../site/charts/complexity-by-depth.ts";
import type { ComplexityGapRow } from "../../site/charts/complexity-gap.ts";
import type { ArrowsRow, Position } from "../../site/charts/regularizer-arrows.ts";
import type { Study, Trained } from "./trained.ts";
import { type LearningCurvesRow, learningCurvesRow } from "../../site/charts/learning-curves.ts";

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

/** Capacity at the headline n; an architecture without any complete configuration is left out. */
export function depthRows({ configurations, protocol }: Study): DepthRow[] {
  const n = protocol.headline;
  return Array.from(byArchitecture(configurations)).flatMap(([arch, group]) => {
    const measured = group.flatMap(({ outcome }) => {
      const controls = outcome?.summary.controls;
      return controls ? [{ regs: outcome.regs, taps: outcome.taps, controls }] : [];
    });
    const [first] = measured;
    if (!first) return [];
    const { taps } = first;
    const controls = depthOf(first.controls, taps, n);
    return {
      arch,
      n,
      taps,
      trained: measured.map(({ regs, controls }) => ({ regs, ...depthOf(controls, taps, n) })),
      // The same for all of them: a seed's trunk begins alike whatever regularizes it.
      frozen: controls.frozen,
      counts: controls.counts,
    };
  });
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
