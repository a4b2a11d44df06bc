/** @file Which measures have enough configurations for their order to be drawn. */

/** How well each measure orders the generalization gap: Kendall's tau with its interval. */
export interface MeasureBar {
  title: string;
  /** In [-1, 1]; null without an order. */
  tau: number | null;
  low: number | null;
  high: number | null;
  /** Given the last tap's width and the train loss; null where there is none. */
  partialTau: number | null;
  entries: number;
  architectures: number;
  coupled: boolean;
}

export type Known = MeasureBar & { tau: number };

/** Of fewer configurations any order is chance: two are in the same order or in the opposite one. */
export const LEAST_FOR_BAR = 5;

export const hasBar = (row: MeasureBar): row is Known =>
  row.tau !== null && row.entries >= LEAST_FOR_BAR;
