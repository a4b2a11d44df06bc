/** @file Learning curves from the counts of every epoch. */

import { type LearningCurvesRow, learningCurvesRow } from "../../site/charts/learning-curves.ts";
import type { Study } from "./study.ts";

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
