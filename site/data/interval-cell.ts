/** @file A mean with its interval as a cell: the number, and in the tooltip what the ± means. */

import type { Estimate } from "../../record/summary.ts";
import {
  DASH_HELP,
  decimal,
  decimalInterval,
  duration,
  percent,
  percentInterval,
} from "../charts/numbers.ts";
import type { CellView } from "./cell.ts";

/** Percent and points are written alike; bits and ranks are no shares. */
export type Unit = "%" | "points" | "bits" | "" | "s";

const NUMBER: Record<Unit, (value: number) => string> = {
  "%": percent,
  points: percent,
  bits: decimal,
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

/** `Complexity 41.2 %. 95 % t-interval over 8 seeds: 39.9 to 42.5 %.` */
export function intervalHelp(
  { mean, low, high, count }: NonNullable<Estimate>,
  title: string,
  unit: Unit,
): string {
  const number = NUMBER[unit];
  const sign = unit === "" || unit === "s" ? "" : ` ${unit}`;
  const center = `${title} ${number(mean)}${sign}`;
  if (low === null || high === null) return `${center}, from a single seed: no interval.`;
  const ends = `${number(low)} to ${number(high)}${sign}`;
  return `${center}. 95 % t-interval over ${count} seeds: ${ends}.`;
}
