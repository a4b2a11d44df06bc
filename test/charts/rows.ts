/** @file Rows and a document to draw charts with, and what is drawn as a page has it. */

import { parseHTML } from "linkedom";
import type { VNode } from "preact";
import type { DepthRow } from "../../record/by-depth.ts";
import type { LearningCurvesRow } from "../../record/learning-curves.ts";
import type { Interval } from "../../record/statistics/interval.ts";
import { drawn } from "../../site/charts/drawn.ts";
import type { ComplexityGapRow } from "../../site/charts/map-points.ts";
import type { HeadCurvesRow } from "../../site/charts/head-curves.ts";
import type { LadderRow } from "../../site/charts/ladder.ts";
import type { ArrowsRow } from "../../site/charts/regularizer-arrows.ts";

export const document = parseHTML("<!doctype html><html><body></body></html>").document;

/** The element that a page holds where a component stands. */
export function shown(component: VNode): Element {
  return parseHTML(`<html><body>${drawn(component)}</body></html>`).document.body
    .firstElementChild!;
}

export function about(mean: number, half: number | null = 0.02): Interval {
  return half === null
    ? { mean, low: null, high: null, count: 1 }
    : { mean, low: mean - half, high: mean + half, count: 5 };
}

export function aMapRow(changes: Partial<ComplexityGapRow> = {}): ComplexityGapRow {
  return {
    arch: "mlp-256",
    regs: "none",
    learnedComplexity: about(0.44),
    capacity: about(0.6),
    equivalentWidth: about(155.2, 4),
    equivalentWidthBound: null,
    nullShare: about(0.9),
    gap: about(0.61),
    testAccuracy: about(0.39),
    seeds: 5,
    href: null,
    ...changes,
  };
}

export function aCurvesRow(changes: Partial<LearningCurvesRow> = {}): LearningCurvesRow {
  const rising = (top: number) => [0.1, 0.5, 1].map((share) => about(top * share));
  return {
    arch: "mlp-256",
    regs: "rl=10",
    length: 30,
    completed: 5,
    diverged: 0,
    train: rising(0.9),
    test: about(0.4),
    labels: [
      { name: "n = 2", kind: "probe", epochs: rising(0.2) },
      { name: "suppressed", kind: "suppressed", epochs: rising(0.01) },
      { name: "n = 100", kind: "headline", epochs: rising(0.4) },
      { name: "frozen trunk", kind: "frozen", epochs: rising(0.55) },
    ],
    ...changes,
  };
}

/** Two taps; of the deeper one a draw is suppressed. */
export function aHeadsRow(changes: Partial<HeadCurvesRow> = {}): HeadCurvesRow {
  const head = (tap: number, n: number, draw: number, regularized = false, frozen = false) => ({
    ...{ tap, n, draw, regularized, frozen },
    epochs: [0, 0.1, 0.2 * tap].map((share) => about(share)),
  });
  return {
    ...{ arch: "mlp-256", regs: "rl=10", length: 30, headline: 100, completed: 5, diverged: 0 },
    taps: ["hidden 1", "hidden 2"],
    heads: [
      head(1, 2, 0),
      head(1, 100, 0),
      head(1, 100, 1),
      head(2, 100, 0, true),
      head(2, 100, 1),
      head(2, 100, 1, false, true),
    ],
    ...changes,
  };
}

export function aDepthRow(changes: Partial<DepthRow> = {}): DepthRow {
  return {
    arch: "cnn-8",
    n: 100,
    taps: ["stage 1", "stage 2", "stage 3"],
    trained: [
      {
        regs: "none",
        heads: [about(0.05), about(0.1), about(0.15)],
        frozenHeads: [null, null, about(0.12)],
        byTap: [about(0.2), about(0.3), about(0.4)],
        frozen: [about(0.1), about(0.2), about(0.3)],
        leverages: [about(0.35), about(0.45), about(0.55)],
      },
    ],
    counts: [about(0.5, null), about(0.6, null), about(0.7, null)],
    ...changes,
  };
}

export function anArrowsRow(changes: Partial<ArrowsRow> = {}): ArrowsRow {
  const position = (regs: string, learnedComplexity: number, gap: number) => ({
    regs,
    learnedComplexity: about(learnedComplexity),
    gap: about(gap),
    testAccuracy: about(0.4),
  });
  return {
    arch: "mlp-256",
    none: position("none", 0.44, 0.61),
    others: [position("dropout=0.5", 0.05, 0.13), position("aug", 0.11, 0.18)],
    ...changes,
  };
}

export function aLadderRow(changes: Partial<LadderRow> = {}): LadderRow {
  return {
    arch: "mlp-256",
    regs: "none",
    heads: { frozen: about(0.55), network: about(0.44) },
    features: {
      counts: about(0.77, null),
      spectrum: about(0.71),
      leverages: about(0.66),
      frozen: about(0.67),
      network: about(0.43),
    },
    suppressed: null,
    ...changes,
  };
}
