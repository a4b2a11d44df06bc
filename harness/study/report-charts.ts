/** @file The report's pictures, each with links that save it, and why one is missing. */

import { readFileSync } from "node:fs";
import type { VNode } from "preact";
import { depthData, depthFigure } from "../../site/charts/complexity-by-depth.ts";
import { complexityGapData, complexityGapFigure } from "../../site/charts/complexity-gap.ts";
import { doseData, doseFigure } from "../../site/charts/dose-response.ts";
import type { ChartRows } from "../../site/charts/figure.ts";
import { gapData, gapFigure } from "../../site/charts/gap-over-training.ts";
import { headCurvesData, headCurvesFigure } from "../../site/charts/head-curves.ts";
import { laddersData, laddersFigure } from "../../site/charts/ladder.ts";
import { learningCurvesData, learningCurvesFigure } from "../../site/charts/learning-curves.ts";
import { arrowsData, regularizerArrowsFigure } from "../../site/charts/regularizer-arrows.ts";
import { lightColors, savedFigure } from "../../site/charts/saved-figure.ts";
import { type Child, h } from "../../site/markup/element.ts";
import {
  arrowsRows,
  complexityGapRows,
  depthRows,
  dosesRows,
  gapRows,
  headsRow,
  ladderRows,
  learningCurvesRows,
} from "./chart-rows.ts";
import { parseRegularizers } from "../../record/regularizers.ts";
import type { Study, Trained } from "./trained.ts";

/** The charts' style sheet. */
export const CHARTS_CSS = readFileSync(
  new URL("../../site/charts/charts.css", import.meta.url),
  "utf8",
);

/** Null while there is no point to draw; the notices say why. */
export function mapFigure(study: Study): VNode | null {
  const rows = complexityGapRows(study);
  const placed = rows.some(
    ({ learnedComplexity, gap }) => learnedComplexity !== null && gap !== null,
  );
  return placed ? saved(complexityGapFigure(rows), "map", complexityGapData(rows)) : null;
}

/** The charts that have something to draw. */
export function studyCharts(study: Study): Child[] {
  const [arrows, curves, depths] = [arrowsRows(study), learningCurvesRows(study), depthRows(study)];
  const [ladders, gaps] = [ladderRows(study), gapRows(study)];
  const some = <T>(
    rows: readonly T[],
    name: string,
    draw: (rows: readonly T[]) => VNode,
    data: (rows: readonly T[]) => ChartRows,
  ) => (rows.length > 0 ? saved(draw(rows), name, data(rows)) : null);
  return [
    some(ladders, "ladders", laddersFigure, laddersData),
    some(arrows, "arrows", regularizerArrowsFigure, arrowsData),
    ...dosesRows(study).map((row, i) =>
      saved(doseFigure(row), `dose-response-${i + 1}`, doseData(row)),
    ),
    some(curves, "learning-curves", learningCurvesFigure, learningCurvesData),
    some(gaps, "gap-over-training", gapFigure, gapData),
    some(depths, "by-depth", depthFigure, depthData),
  ];
}

/** Why a picture that others' reports have is not in this one; null where all are. */
export function missingCharts(study: Study): VNode | null {
  const { protocol } = study;
  const reasons: [isMissing: boolean, reason: string][] = [
    [
      arrowsRows(study).length === 0,
      "What each regularizer moves: needs none and another regularizer, on one architecture.",
    ],
    [
      dosesRows(study).length === 0,
      'Dose and response: needs two strengths of one regularizer on one architecture, as in --reg "none;wd=0.0005;wd=0.005".',
    ],
    [
      gapRows(study).length === 0,
      "The gap over training: needs --set evaluateEvery=N, with N below the number of epochs; these runs were evaluated at the end only.",
    ],
    [
      depthRows(study).length === 0,
      "By depth: needs a configuration of which every run has its controls.",
    ],
    [
      study.configurations.every(
        ({ folder: { configuration } }) =>
          !configuration.save.includes("per-sample") ||
          parseRegularizers(configuration.regs).canary > 0,
      ),
      "Images whose random labels are learned: needs --save per-sample, and no canary=, which puts others in their place.",
    ],
    [
      !protocol.frozenHeads,
      "Heads on the frozen trunk: this protocol has none (frozenHeads is false).",
    ],
  ];
  const missing = reasons.filter(([isMissing]) => isMissing);
  if (missing.length === 0) return null;
  const lines = missing.map(([, reason]) => h("li", {}, reason));
  return h("section", { class: "faint" }, h("h2", {}, "Not drawn"), h("ul", {}, ...lines));
}

/** Random labels over training, head by head; null while no run has finished an epoch. */
export function headsFigure(trained: Trained, name: string): VNode | null {
  const row = headsRow(trained);
  return row && saved(headCurvesFigure(row), name, headCurvesData(row));
}

const COLORS = lightColors(CHARTS_CSS);

/** @param name of the files that it is saved as. */
function saved(figure: VNode, name: string, rows: ChartRows): VNode {
  return savedFigure(figure, { name, rows, colors: COLORS });
}
