/** @file A map's points before they are drawn: which rows have a place, where it is, what is said of it. Without the chart library. */

import type { Interval } from "../../record/statistics/interval.ts";
import { type MapAxis, axisText } from "./map-axes.ts";
import { percentInterval } from "./numbers.ts";

export interface ComplexityGapRow {
  arch: string;
  /** Canonical regularizers. */
  regs: string;
  /** A null keeps the row off the charts of that axis. Of the first two, 0 is chance and 1 everything. */
  learnedComplexity: Interval | null;
  capacity: Interval | null;
  /** In features. */
  equivalentWidth: Interval | null;
  /** What the width is where it is a bound only; `unknown`, bounds of both kinds, keeps the row off its chart. */
  equivalentWidthBound: "at most" | "at least" | "unknown" | null;
  /** Capacity divided by that of a shapeless cloud of the same width. */
  nullShare: Interval | null;
  /** Train minus test accuracy, as a share. */
  gap: Interval | null;
  /** A gap alone misleads: who learns nothing has none. */
  testAccuracy: Interval | null;
  /** Completed seeds. */
  seeds: number;
  /** Where a click on the point leads; null for nowhere. */
  href: string | null;
}

export interface Placed extends ComplexityGapRow {
  horizontal: Interval;
  bound: "at most" | "at least" | null;
  gap: Interval;
}

/** Each of up to so many points is a mark and a link of its own; of more the map is one picture, and the nearest is found by place. */
export const MOST_MARKED = 300;

/** The row with its numbers on these axes; null where it has no place. @param isLog does the horizontal axis show powers? */
export function placedOn(axis: MapAxis, row: ComplexityGapRow, isLog = false): Placed | null {
  const { [axis]: horizontal, gap, equivalentWidthBound } = row;
  const bound = axis === "equivalentWidth" ? equivalentWidthBound : null;
  if (horizontal === null || gap === null || bound === "unknown") return null;
  return isLog && horizontal.mean <= 0 ? null : { ...row, horizontal, bound, gap };
}

/**
 * Capacity as a share of the null's rung `counts`, which is the same in every run of an architecture (method.md section 4).
 *
 * @returns null where either is unknown, or the null is not above chance.
 */
export function shareOfNull(capacity: Interval | null, counts: Interval | null): Interval | null {
  if (capacity === null || counts === null || counts.mean <= 0) return null;
  const share = (value: number | null) => (value === null ? null : value / counts.mean);
  const { mean, low, high, count } = capacity;
  return { mean: mean / counts.mean, low: share(low), high: share(high), count };
}

/** Of a row's architecture and regularizers: is either from its author's own file? */
export const isCustom = ({ arch, regs }: Pick<ComplexityGapRow, "arch" | "regs">) =>
  `${arch},${regs}`.includes("custom:");

/** What a point says, line by line. */
export function pointText(
  axis: MapAxis,
  { arch, regs, horizontal, bound, gap, testAccuracy, seeds }: Placed,
): string {
  return [
    `${arch}, ${regs}`,
    ...(isCustom({ arch, regs }) ? ["custom code, which nobody checked"] : []),
    axisText(axis, horizontal, bound),
    `gap ${percentInterval(gap)} points`,
    `test accuracy ${percentInterval(testAccuracy)} %`,
    `${seeds} ${seeds === 1 ? "seed" : "seeds"}`,
  ].join("\n");
}

/** Pixels around the frame. */
export const MAP_MARGINS = { marginLeft: 44, marginBottom: 42, marginTop: 28, marginRight: 16 };

/** What the ends of a map's frame stand for, from left to right and from the bottom up. */
export interface MapScale {
  x: readonly [number, number];
  y: readonly [number, number];
  isLog: boolean;
}

/** @param size of the whole picture. @returns pixels from its upper left corner. */
export function placeOnMap(
  { x, y, isLog }: MapScale,
  { width, height }: { width: number; height: number },
  { horizontal, gap }: Pick<Placed, "horizontal" | "gap">,
): { x: number; y: number } {
  const { marginLeft, marginRight, marginTop, marginBottom } = MAP_MARGINS;
  const at = isLog ? Math.log : (value: number) => value;
  const across = (at(horizontal.mean) - at(x[0])) / (at(x[1]) - at(x[0]));
  const up = (gap.mean - y[0]) / (y[1] - y[0]);
  const [frameWidth, frameHeight] = [
    width - marginLeft - marginRight,
    height - marginTop - marginBottom,
  ];
  return { x: marginLeft + across * frameWidth, y: marginTop + (1 - up) * frameHeight };
}
