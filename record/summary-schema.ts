/** @file The shape of a summary: means over the seeds of one configuration. */

import { z } from "zod";
import { RunNumbers } from "./metrics-schema.ts";
import { Interval } from "./statistics.ts";

/** Null when a run lacks the number: the mean over the runs that went well would mislead. */
export const Estimate = Interval.nullable();
export type Estimate = z.infer<typeof Estimate>;

/** What a mean is taken of, run by run. */
export const NUMBERS = Object.keys(RunNumbers.shape) as (keyof RunNumbers)[];
const place = { tap: z.int().min(1), n: z.int().min(2) };
const Refits = z.array(z.strictObject({ ...place, accuracy: Estimate }));

export const Summary = z.strictObject({
  runs: z.int().min(0),
  diverged: z.int().min(0),
  /** `2 of 5 diverged`, the reason why means are null; null when none did. */
  divergence: z.string().nullable(),
  ...(Object.fromEntries(NUMBERS.map((name) => [name, Estimate])) as Record<
    keyof RunNumbers,
    typeof Estimate
  >),
  heads: z.array(
    z.strictObject({
      ...place,
      draw: z.int().min(0),
      regularized: z.boolean(),
      online: Estimate,
      final: Estimate,
      normalized: Estimate,
      bits: Estimate,
      unseen: Estimate,
    }),
  ),
  controls: z
    .strictObject({
      refit: Refits,
      frozen: Refits,
      null: z.array(z.strictObject({ ...place, accuracy: Estimate, ridgeAccuracy: Estimate })),
      effectiveRank: Estimate,
      participationRatio: Estimate,
      ridge: z.array(z.strictObject({ l: z.number(), dimension: Estimate })),
    })
    .nullable(),
});
export type Summary = z.infer<typeof Summary>;
