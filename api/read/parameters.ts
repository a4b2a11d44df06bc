/** @file Parameters that several read routes take. */

import { z } from "zod";
import { Digest } from "../../record/run.ts";

export const IdParams = z.strictObject({ id: Digest });

/** Alias or id. */
export const ProtocolParams = z.strictObject({ protocol: z.string().min(1).max(80) });

/** Canonical names are printable ASCII. */
export const ConfigurationText = z
  .string()
  .regex(/^[ -~]+$/)
  .max(2000);

/** Of leaves in a log; digits alone, as in a checkpoint. */
export const LeafCount = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/)
  .transform(Number)
  .pipe(z.int().min(0).max(Number.MAX_SAFE_INTEGER));

export function pageLimit(most: number) {
  return z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(most))
    .default(Math.min(50, most));
}
