/** @file The board of measures: which of them orders the generalization gap over a protocol's entries. */

import { z } from "zod";
import { MEASURE_NAMES } from "../measures/entry-measures.ts";
import { MOST_POINTS } from "../measures/measure-scores.ts";
import { Digest } from "../run.ts";

const Tau = z.number().min(-1).max(1).nullable();
const Count = z.int().min(0);

export const MeasuresDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  /** Of the board, hidden ones left out. */
  entries: Count,
  /** Those that are weighed: each protocol, architecture and regularizers once, whoever lists it. */
  configurations: Count,
  measures: z.array(
    z.strictObject({
      name: z.enum(MEASURE_NAMES),
      title: z.string(),
      /** Kendall's tau-b of measure and gap: 1, the same order; -1, the opposite one; null, no order at all. */
      tau: Tau,
      /** 95 % interval, percentile bootstrap of 1000 resamples of at most 500 configurations; null with fewer than 5. */
      low: Tau,
      high: Tau,
      /** Configurations whose entry has measure and gap, and the pairs they make. */
      entries: Count,
      pairs: Count,
      /** For a scatter; of more than 500, evenly chosen. */
      points: z
        .array(
          z.strictObject({
            entry: Digest,
            arch: z.string(),
            regs: z.string(),
            measure: z.number(),
            gap: z.number(),
          }),
        )
        .max(MOST_POINTS),
    }),
  ),
});
export type MeasuresDocument = z.infer<typeof MeasuresDocument>;
