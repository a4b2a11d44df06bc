/** @file A mean over seeds with how sure it is. */

import { z } from "zod";

/** A mean with its t-interval; `low` and `high` are null with fewer than two values. */
export const Interval = z.strictObject({
  mean: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** How many values it is of. */
  count: z.int().min(1),
});
export type Interval = z.infer<typeof Interval>;
