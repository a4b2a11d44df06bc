/** @file A mean with its interval as a cell: the number, and in the tooltip what the ± means. */

import type { Estimate, Summary } from "../../record/summary.ts";
import { widthText } from "../charts/capacity-words.ts";
import {
  DASH_HELP,
  decimal,
  decimalInterval,
  duration,
  percent,
  percentInterval,
} from "../charts/numbers.ts";
import type { CellView } from "./cell.ts";

/** Percent and points are written alike; bits, widths in features and ranks are no shares. */
export type Unit = "%" | "points" | "bits" | "features" | "" | "s";

/** What a mean is where a run's number is a bound only; null: no run's is. */
export type Bound = Summary["equivalentWidthBound"];

const NUMBER: Record<Unit, (value: number) => string> = {
  "%": percent,
  points: percent,
  bits: decimal,
  features: (value) => decimal(value, 1),
  "": (value) => decimal(value, 1),
  s: duration,
};

/** @param missing why there is no number, where it is known (`2 of 8 diverged`). */
export function intervalCell(
  estimate: Estimate,
  title: string,
  unit: Unit,
  missing: string | null,
): CellView {
  if (estimate === null) return { text: "–", help: missing ?? DASH_HELP };
  return {
    text: intervalText(estimate, unit),
    help: intervalHelp(estimate, title, unit),
  };
}

export function intervalText(estimate: NonNullable<Estimate>, unit: Unit): string {
  if (unit === "s") return duration(estimate.mean);
  if (unit === "%" || unit === "points") return percentInterval(estimate);
  return decimalInterval(estimate, unit === "bits" ? 2 : 1);
}

/** An equivalent width: `155 ± 4`, `at most 0`; a mean of bounds of both kinds is no number. */
export function widthCell(
  equivalentWidth: Estimate,
  equivalentWidthBound: Bound,
  ...[title, unit, missing]: [title: string, unit: Unit, missing: string | null]
): CellView {
  if (equivalentWidth === null) return intervalCell(null, title, unit, missing);
  const text = widthText({ equivalentWidth, equivalentWidthBound });
  if (equivalentWidthBound === "unknown") return { text, help: `${title}: ${UNKNOWN_HELP}` };
  const { help } = intervalCell(equivalentWidth, title, unit, missing);
  if (equivalentWidthBound === null) return { text, help };
  return { text, help: `${help} ${BOUND_HELP[equivalentWidthBound]}` };
}

const UNKNOWN_HELP =
  "some runs give an upper bound and others a lower one, so their mean is neither.";

const BOUND_HELP = {
  "at most": "An upper bound: in at least one run even the narrowest cloud gives more.",
  "at least": "A lower bound: in at least one run even the widest cloud gives less.",
};

/** `Learned complexity 41.2 %. 95 % t-interval over 8 seeds: 39.9 to 42.5 %.` */
export function intervalHelp(
  { mean, low, high, count }: NonNullable<Estimate>,
  title: string,
  unit: Unit,
): string {
  const number = NUMBER[unit];
  const sign = unit === "" || unit === "s" ? "" : ` ${unit}`;
  const center = `${title} ${number(mean)}${sign}`;
  if (low === null || high === null)
    return `${center}, ${count === 1 ? "from a single seed" : `the same over ${count} seeds`}: no interval.`;
  const [from, to] = [number(low), number(high)];
  const ends = from === to ? `nearer to its mean than is shown` : `${from} to ${to}${sign}`;

  return `${center}. 95 % t-interval over ${count} seeds: ${ends}.`;
}
