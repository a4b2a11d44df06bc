/** @file The null of a tap: what a generic cloud of its width, and of its effective width, would give. */

import { nullAccuracy } from "../../record/null-accuracy.ts";
import type { Controls } from "../../record/run.ts";

/** What the null depends on beside the label space. */
export interface CloudShape {
  /** m and D. */
  samples: number;
  width: number;
  /** Ridge effective dimension at the refit's penalty. */
  dimension: number;
}

/** For each label space, with h = (D + 1)/m and (dimension + 1)/m: one direction more is the mean. */
export function nullControls(
  tap: number,
  labelSpaces: readonly number[],
  { samples, width, dimension }: CloudShape,
): Controls["null"] {
  const h = (width + 1) / samples;
  const ridgeH = (dimension + 1) / samples;
  return labelSpaces.map((n) => ({
    tap,
    n,
    h,
    accuracy: nullAccuracy(n, h),
    ridgeH,
    ridgeAccuracy: nullAccuracy(n, ridgeH),
  }));
}
