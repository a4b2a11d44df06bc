/** @file The headline numbers of an entry and the controls without which they cannot be read: names, units, meanings. */

import type { Estimate } from "../../../record/summary.ts";
import type { Unit } from "../interval-cell.ts";
import type { EntryModel } from "./entry-model.ts";
import { refitMinusFrozen } from "./refit-minus-frozen.ts";

export interface HeadlineLine {
  title: string;
  unit: Unit;
  meaning: string;
  of(model: EntryModel): Estimate;
  /** The name under which the check in the browser reads it. */
  checked?: "complexity" | "gap" | "testAccuracy" | "trainAccuracy";
}

export const NETWORK_LINES: readonly HeadlineLine[] = [
  {
    title: "Complexity",
    unit: "%",
    meaning: "Random labels its heads know: 0 is chance, 100 all of them.",
    of: ({ entry }) => entry.summary.complexity,
    checked: "complexity",
  },
  {
    title: "Generalization gap",
    unit: "points",
    meaning: "Train minus test accuracy.",
    of: ({ entry }) => entry.summary.gap,
    checked: "gap",
  },
  {
    title: "Test accuracy",
    unit: "%",
    meaning: "Of the official test images, at the end.",
    of: ({ entry }) => entry.summary.testAccuracy,
    checked: "testAccuracy",
  },
  {
    title: "Train accuracy",
    unit: "%",
    meaning: "At the end, without augmentation.",
    of: ({ entry }) => entry.summary.trainAccuracy,
    checked: "trainAccuracy",
  },
  {
    title: "Memorised bits per sample · declared",
    unit: "bits",
    meaning: "From the heads' loss, which no count shows.",
    of: ({ entry }) => entry.summary.bits,
  },
  {
    title: "Effective rank · declared",
    unit: "",
    meaning:
      "Of the last tap's features: the exponential of their spectrum's entropy; 0 where none varies between samples.",
    of: ({ entry }) => entry.summary.controls?.effectiveRank ?? null,
  },
];

export const CONTROL_LINES: readonly HeadlineLine[] = [
  {
    title: "Refit",
    unit: "%",
    meaning: "Ridge regression on the final features instead of trained heads.",
    of: ({ entry }) => entry.summary.refitComplexity,
  },
  {
    title: "Frozen random trunk",
    unit: "%",
    meaning: "The same refit on the features before any training.",
    of: ({ entry }) => entry.summary.frozenComplexity,
  },
  {
    title: "Refit minus frozen trunk",
    unit: "points",
    meaning: "What training added or took away: refit against refit.",
    of: ({ runs }) => runs && refitMinusFrozen(runs),
  },
  {
    title: "Complexity minus frozen trunk",
    unit: "points",
    meaning:
      "SGD head minus ridge refit of the frozen trunk: also holds how the two are fitted, not training alone.",
    of: ({ entry }) => entry.summary.complexityMinusFrozen,
  },
  {
    title: "Null",
    unit: "%",
    meaning: "What width and number of samples alone would give, by a formula.",
    of: ({ entry }) => entry.summary.nullComplexity,
  },
  {
    title: "Complexity minus null",
    unit: "points",
    meaning: "SGD head minus that formula for a least-squares head.",
    of: ({ entry }) => entry.summary.complexityMinusNull,
  },
];

/** Shown where there is one. */
export const SUPPRESSED_LINE: HeadlineLine = {
  title: "Of the suppressed draw",
  unit: "%",
  meaning: "The random labels that rl= acts on; no part of the complexity.",
  of: ({ entry }) => entry.summary.regularizedComplexity,
};
