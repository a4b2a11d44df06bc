/** @file What a map's horizontal axis can show. Without the chart library, which a page loads only to draw. */

import type { Interval } from "../../record/statistics/interval.ts";
import { widthText } from "./capacity-words.ts";
import { percentInterval } from "./numbers.ts";

interface AxisFacts {
  title: string;
  /** Within a sentence, with its article. */
  one: string;
  /** Of its ticks and numbers. */
  unit: "%" | "features";
  /** What "further right" means, said of an entry. */
  further: string;
}

export const MAP_AXES = {
  learnedComplexity: {
    title: "Learned complexity",
    one: "a learned complexity",
    unit: "%",
    further: "its heads learned more of the random labels they were told",
  },
  capacity: {
    title: "Capacity",
    one: "a capacity",
    unit: "%",
    further: "ridge regression fits arbitrary labels better to its final features",
  },
  equivalentWidth: {
    title: "Equivalent width",
    one: "an equivalent width",
    unit: "features",
    further:
      "its final features fit arbitrary labels as well as a wider cloud of points without structure",
  },
  nullShare: {
    title: "Share of the null",
    one: "a share of the null",
    unit: "%",
    further:
      "its final features reach more of the capacity that a cloud of points without structure, as wide as they are, would have",
  },
} as const satisfies Record<string, AxisFacts>;

export type MapAxis = keyof typeof MAP_AXES;
export const MAP_AXIS_NAMES = Object.keys(MAP_AXES) as MapAxis[];

/** `Learned complexity (%)` */
export function axisLabel(axis: MapAxis): string {
  const { title, unit } = MAP_AXES[axis];
  return `${title} (${unit})`;
}

/** `capacity 44.0 ± 2.0 %`, `equivalent width at most 3.1 features`. */
export function axisText(
  axis: MapAxis,
  interval: Interval,
  equivalentWidthBound: "at most" | "at least" | null,
): string {
  const { title, unit } = MAP_AXES[axis];
  const number =
    unit === "%"
      ? percentInterval(interval)
      : widthText({ equivalentWidth: interval, equivalentWidthBound });
  return `${title.toLowerCase()} ${number} ${unit}`;
}
